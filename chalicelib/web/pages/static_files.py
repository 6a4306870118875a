"""Static files of the pages: each has the hash of its content in its name, and never changes.

A page links `address("product.css")`, which is `/static/product.<hash>.css`. Browsers keep such a
file for a year; a new version has a new name.
"""

import hashlib
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
# Mails show the logo, and a reader of mails is another site.
FOR_MAILS = {"Cross-Origin-Resource-Policy": "cross-origin"}
ROBOTS = "User-agent: *\nAllow: /$\nAllow: /docs\nDisallow: /\n"
DIGITS = 12  # digits of the hash: 48 bits distinguish the versions of one file
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
    stem, _, extension = call.path["file"].rpartition(".")
    name = f"{stem.rpartition('.')[0]}.{extension}"
    if name not in SOURCES:
        raise NotFound
    file = find_file(name, call.services.settings)
    if file.name != call.path["file"]:
        raise NotFound
    headers = {"Content-Type": file.content_type, "Cache-Control": IMMUTABLE}
    return Answer(body=file.text, headers=headers)


def show_icon(call: Call) -> Answer[str]:
    """Serve the logo where browsers look for an icon of a site."""
    file = find_file("logo.svg", call.services.settings)
    headers = {"Content-Type": file.content_type, **FOR_A_DAY, **FOR_MAILS}
    return Answer(body=file.text, headers=headers)


def show_robots(call: Call) -> Answer[str]:
    """Write robots.txt: only the first page and the documentation are to be indexed."""
    return Answer(body=ROBOTS, headers={"Content-Type": "text/plain; charset=utf-8", **FOR_A_DAY})


def address(name: str) -> str:
    """Return the path of a file, with the hash of its content."""
    return f"/static/{find_file(name, settings()).name}"


@cache
def find_file(name: str, chosen: Settings) -> StaticFile:
    """Return a file by its name without the hash, in the vendor's colours.

    Each is read when it is first needed: the viewer of the API reference is large.
    """
    text = "".join((FOLDER / source).read_text(encoding="utf-8") for source in SOURCES[name])
    if name == "logo.svg":
        text = brand.replace_logo(text, chosen)
    elif name == "product.css":
        logo = find_file("logo.svg", chosen).name
        text = text.replace('url("logo.svg")', f'url("{logo}")') + brand.make_colours(chosen)
    return _make_file(name, text)


def _make_file(name: str, text: str) -> StaticFile:
    stem, _, extension = name.rpartition(".")
    digest = hashlib.sha256(text.encode()).hexdigest()[:DIGITS]
    return StaticFile(f"{stem}.{digest}.{extension}", text)
