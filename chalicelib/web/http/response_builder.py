"""From an answer to what a gateway sends: one place that writes headers, so none can be forgotten
or forged.
"""

import re
from collections.abc import Mapping
from typing import Any

from chalice.app import Response
from pydantic_core import to_json

from chalicelib.web.http.call import Answer

PROBLEM = "application/problem+json"
HTML = "text/html; charset=utf-8"

_ALWAYS = {
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "Strict-Transport-Security": "max-age=63072000; includeSubDomains",
    "Referrer-Policy": "no-referrer",
}
_API = _ALWAYS | {"Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'"}
_PAGE = _ALWAYS | {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; "
    "frame-ancestors 'none'; base-uri 'none'",
    "X-Robots-Tag": "noindex",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")
_UNSENDABLE = re.compile(r"[^\x20-\x7e]")


def response(answer: Answer, page: bool, language: str, request_id: str) -> Response:
    """The gateway's response for an answer; `page`: with the headers of something that people look
    at.
    """
    body, content_type = _body(answer.body)
    headers = {"X-Request-Id": request_id}
    if content_type:
        headers |= {"Content-Type": content_type, "Content-Language": language}
    if answer.etag:
        headers["ETag"] = f'"{answer.etag}"'
    if answer.replayed:
        headers["Idempotent-Replayed"] = "true"
    return Text(body, _merged(_PAGE if page else _API, headers, answer.headers), answer.status)


class Text(Response):
    """A response that is text: whether its type is one of the binary ones, of which there are none,
    need not be asked.
    """

    def to_dict(self, binary_types: list[str] | None = None) -> dict[str, Any]:
        return super().to_dict()


def looked_at(answer: Answer) -> bool:
    """Whether an answer is HTML."""
    said = next(
        (value for name, value in answer.headers.items() if name.lower() == "content-type"), HTML
    )
    return isinstance(answer.body, str) and str(said).startswith("text/html")


def _body(body: Any) -> tuple[str, str]:
    if body is None:
        return "", ""
    if isinstance(body, str):
        return body, HTML
    return to_json(body, inf_nan_mode="null").decode(), "application/json"


def _merged(
    always: Mapping[str, str], ours: Mapping[str, str], theirs: Mapping[str, str | list[str]]
) -> dict[str, str | list[str]]:
    """Their headers over ours, whatever the case of the names; no value can begin another header."""
    told: dict[str, str | list[str]] = {
        _name(name): _cleaned(value) for name, value in theirs.items()
    }
    names = {name.lower() for name in told}
    made: dict[str, str | list[str]] = {
        name: value for name, value in always.items() if name.lower() not in names
    }
    made |= {name: _clean(value) for name, value in ours.items() if name.lower() not in names}
    return made | told


def _name(name: str) -> str:
    if not _NAME.fullmatch(name):
        raise ValueError(f"No name for a header: {name!r}")
    return name


def _cleaned(value: str | list[str]) -> str | list[str]:
    return [_clean(one) for one in value] if isinstance(value, list) else _clean(value)


def _clean(value: str) -> str:
    return _UNSENDABLE.sub("", value)
