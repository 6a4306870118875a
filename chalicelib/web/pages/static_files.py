"""Static files of the pages: each has the hash of its content in its name, and never changes.

A page links `address("product.css")`, which is `/static/product.<hash>.css`. Browsers keep such a
file for a year; a new version has a new name.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from chalicelib.domain.refusals import NotFound
from chalicelib.runtime.settings import Settings, settings
from chalicelib.web.http.answer import Answer
from chalicelib.web.http.call import Call
from chalicelib.web.pages import brand

FOLDER = Path(__file__).parent / "static"
IMMUTABLE = "public, max-age=31536000, immutable"
FOR_A_DAY = {"Cache-Control": "public, max-age=86400"}
ROBOTS = "User-agent: *\nAllow: /$\nAllow: /docs\nDisallow: /\n"
DIGITS = 12  # of the hash: 48 bits tell versions of one file apart
TYPES = {
    "css": "text/css; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "svg": "image/svg+xml",
}
# What a served file is made of; later rules win.
SOURCES = {
    "product.css": ("tokens.css", "product.css"),
    "htmx.js": ("htmx.min.js",),
    "pages.js": ("pages.js",),
    "docs.css": ("docs.css",),
    "rapidoc.js": ("rapidoc.min.js",),
    "logo.svg": ("logo.svg",),
}


@dataclass(frozen=True)
class StaticFile:
    """A file as it is served.

    Attributes:
        name: with the hash, such as `product.0123456789ab.css`.
        text: its content.
    """

    name: str
    text: str

    @property
    def content_type(self) -> str:
        return TYPES[self.name.rpartition(".")[2]]


def show_file(call: Call) -> Answer[str]:
    """Serve a file by its name with the hash; another hash is another file, and not found."""
    if call.path["file"] == "logo.svg":  # in mails, which are read after it has changed
        return show_icon(call)
    for file in list_files(call.services.settings).values():
        if file.name == call.path["file"]:
            headers = {"Content-Type": file.content_type, "Cache-Control": IMMUTABLE}
            return Answer(body=file.text, headers=headers)
    raise NotFound


def show_icon(call: Call) -> Answer[str]:
    """Serve the logo where browsers look for an icon of a site."""
    file = list_files(call.services.settings)["logo.svg"]
    return Answer(body=file.text, headers={"Content-Type": file.content_type, **FOR_A_DAY})


def show_robots(call: Call) -> Answer[str]:
    """Tell search engines that only the first page and the documentation are for them."""
    return Answer(body=ROBOTS, headers={"Content-Type": "text/plain; charset=utf-8", **FOR_A_DAY})


def address(name: str) -> str:
    """Return the path of a file, with the hash of its content."""
    return f"/static/{list_files(settings())[name].name}"


@cache
def list_files(chosen: Settings) -> Mapping[str, StaticFile]:
    """Return all files by their name without the hash, in the vendor's colours."""
    files: dict[str, StaticFile] = {}
    for name, sources in SOURCES.items():
        text = "".join((FOLDER / source).read_text(encoding="utf-8") for source in sources)
        files[name] = _make_file(name, brand.replace_logo(text, chosen) if "svg" in name else text)
    logo = files["logo.svg"].name
    sheet = files["product.css"].text.replace('url("logo.svg")', f'url("{logo}")')
    files["product.css"] = _make_file("product.css", sheet + brand.make_colours(chosen))
    return files


def _make_file(name: str, text: str) -> StaticFile:
    stem, _, extension = name.rpartition(".")
    digest = hashlib.sha256(text.encode()).hexdigest()[:DIGITS]
    return StaticFile(f"{stem}.{digest}.{extension}", text)
