"""Static files of the pages."""

from functools import cache
from pathlib import Path

from chalicelib.web.http.answer import Answer
from chalicelib.web.http.call import Call

STATIC = Path(__file__).parent / "static"


def show_stylesheet(call: Call) -> Answer[str]:
    return Answer(
        body=_read("cpor.css"),
        headers={
            "Content-Type": "text/css; charset=utf-8",
            "Cache-Control": "public, max-age=3600",
        },
    )


@cache
def _read(name: str) -> str:
    return (STATIC / name).read_text(encoding="utf-8")
