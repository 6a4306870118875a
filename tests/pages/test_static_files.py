"""Static files: a name for each content, nothing from elsewhere, and the vendor's colours."""

import gzip
import hashlib
import re

import pytest

from chalicelib.runtime.settings import Settings
from chalicelib.text import colours
from chalicelib.web.pages import brand, static_files
from chalicelib.web.pages.static_files import FOLDER, find_file
from tests.support.in_process import in_process

# npm htmx.org 4.0.1, dist/htmx.min.js
HTMX = "a0abb04f2f45a1f89d1d4844023245537e5e6014c87b144553e0607b4cc32130"
# npm rapidoc 9.3.8, dist/rapidoc-min.js
RAPIDOC = "affbd173a65e870e18f392cca963113bcdafb6e50e88cd2f6a834a65b22db94d"
SHEET_BYTES, SCRIPT_BYTES = 7_168, 4_096  # gzipped; pages.md, section 8
LOGO = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1"><path d="M0 0h1v1z"/></svg>'


def count_compressed_bytes(text: str) -> int:
    return len(gzip.compress(text.encode(), 6))


def test_a_file_is_kept_for_a_year_and_another_content_has_another_name():
    with in_process() as service:
        reply = service.call("GET", static_files.address("product.css"))
        other = re.sub(r"\.[0-9a-f]{12}\.", ".000000000000.", static_files.address("product.css"))

        assert reply.status == 200
        assert reply.headers["Cache-Control"] == "public, max-age=31536000, immutable"
        assert reply.headers["Content-Type"] == "text/css; charset=utf-8"
        assert reply.headers["X-Content-Type-Options"] == "nosniff"
        assert service.call("GET", other).status == 404
        assert service.call("GET", "/static/..%2froutes.py").status == 404


def test_a_mail_shows_the_logo_wherever_it_is_read():
    with in_process() as service:
        logo, sheet = (
            service.call("GET", path)
            for path in ("/static/logo.svg", static_files.address("product.css"))
        )

    assert logo.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert sheet.headers["Cross-Origin-Resource-Policy"] == "same-origin"


def test_htmx_is_the_file_that_was_published():
    assert hashlib.sha256((FOLDER / "htmx.min.js").read_bytes()).hexdigest() == HTMX


def test_sheets_and_our_script_are_small():
    sheet, script = (find_file(name, Settings()) for name in ("product.css", "pages.js"))

    assert count_compressed_bytes(sheet.text) <= SHEET_BYTES
    assert count_compressed_bytes(script.text) <= SCRIPT_BYTES


def test_sheets_load_our_own_files_only():
    sheet, logo = (find_file(name, Settings()) for name in ("product.css", "logo.svg"))
    addresses = re.findall(r"url\(\"?([^)\"]+)", sheet.text)

    assert addresses == [logo.name]


@pytest.mark.parametrize("colour", ["#0a559e", "#5b2a86", "#7a0019"])
def test_a_readable_colour_is_used_and_lightened_for_dark_grounds(colour):
    rules = brand.make_colours(Settings(brand_colour=colour))

    light, dark = re.findall(r"--brand:(#[0-9a-f]{6})", rules)
    assert light == colour
    assert all(colours.find_contrast(dark, ground) >= 4.5 for ground in colours.DARK_GROUNDS)


@pytest.mark.parametrize("colour", ["#ffff00", "#88aadd", "red", "#fff", "#000000;}body{", ""])
def test_a_colour_that_cannot_be_read_is_not_used(colour):
    assert brand.make_colours(Settings(brand_colour=colour)) == ""


def test_contrast_is_that_of_the_standard():
    assert colours.find_contrast("#000000", "#ffffff") == pytest.approx(21)
    assert colours.find_contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize(
    ("logo", "is_used"),
    [
        (LOGO, True),
        (LOGO.replace("<path", "<script>alert(1)</script><path"), False),
        (LOGO.replace("<path", '<path onload="alert(1)"'), False),
        (LOGO.replace("<path", '<image href="https://evil.example/"/><path'), False),
        ("<p>text</p>", False),
        ("", False),
    ],
)
def test_a_logo_is_a_mere_drawing(logo, is_used):
    file = find_file("logo.svg", Settings(logo_svg=logo))

    assert (file.text == logo) == is_used


def test_the_viewer_is_the_file_that_was_published():
    assert hashlib.sha256((FOLDER / "rapidoc.min.js").read_bytes()).hexdigest() == RAPIDOC
