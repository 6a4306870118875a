"""What anybody may call: is it well, and the stylesheet."""

from functools import cache
from pathlib import Path

from chalicelib.web.http.call import Answer, Call
from chalicelib.web.http.routing import Routes

STATIC = Path(__file__).parent.parent / "pages" / "static"
routes = Routes()


@routes.get("/v1/health", who=None, answers="Health", summary="Whether the service answers")
def health(call: Call) -> Answer:
    return Answer(body={"status": "ok", "stage": call.services.settings.stage})


@routes.get("/static/cpor.css", who=None, kind="page", media="text/css", summary="The stylesheet")
def stylesheet(call: Call) -> Answer:
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
