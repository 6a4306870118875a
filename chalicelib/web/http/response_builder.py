"""From an answer to what a gateway sends.

Headers are written in this one place, so that none can be forgotten or forged.
"""

import hashlib
import re
from collections.abc import Mapping
from typing import Any

from chalice.app import Response
from pydantic_core import to_json

from chalicelib.web.http.answer import Answer

PROBLEM = "application/problem+json"
HTML = "text/html; charset=utf-8"
TAG = 32  # digits of an entity tag that is a hash: 128 bits

_COMMON_HEADERS = {
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "Strict-Transport-Security": "max-age=63072000; includeSubDomains",
    "Referrer-Policy": "no-referrer",
}
API_HEADERS = _COMMON_HEADERS | {
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'"
}
PAGE_HEADERS = _COMMON_HEADERS | {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; img-src 'self'; "
    "form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
    "X-Robots-Tag": "noindex",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")
_UNSENDABLE = re.compile(r"[^\x20-\x7e]")


def build_response(answer: Answer[Any], as_page: bool, language: str, request_id: str) -> Response:
    """Build the gateway's response to an answer.

    as_page: with the security headers of a page instead of those of the API.
    """
    body, content_type = _encode(answer.body)
    headers = {"X-Request-Id": request_id}
    if content_type:
        headers |= {"Content-Type": content_type, "Content-Language": language}
    if answer.etag:
        headers["ETag"] = f'"{answer.etag}"'
    if answer.replayed:
        headers["Idempotent-Replayed"] = "true"
    always = PAGE_HEADERS if as_page else API_HEADERS
    return TextResponse(body, _merge(always, headers, answer.headers), answer.status)


def tag_content(response: Response) -> None:
    """Give what has no version an entity tag of its content (RFC 9110, 8.8.3)."""
    if response.status_code == 200 and "ETag" not in response.headers:
        digest = hashlib.sha256(response.body.encode()).hexdigest()
        response.headers["ETag"] = f'"{digest[:TAG]}"'


class TextResponse(Response):
    """A response that is text, so that Chalice need not look for binary types."""

    def to_dict(self, binary_types: list[str] | None = None) -> dict[str, Any]:
        return super().to_dict()


def is_html(answer: Answer[Any]) -> bool:
    """Return whether an answer is HTML: a text whose headers name no other type."""
    types = (value for name, value in answer.headers.items() if name.lower() == "content-type")
    return isinstance(answer.body, str) and str(next(types, HTML)).startswith("text/html")


def _encode(body: Any) -> tuple[str, str]:
    if body is None:
        return "", ""
    if isinstance(body, str):
        return body, HTML
    return to_json(body, inf_nan_mode="null").decode(), "application/json"


def _merge(
    always: Mapping[str, str], ours: Mapping[str, str], theirs: Mapping[str, str | list[str]]
) -> dict[str, str | list[str]]:
    """Put the handler's headers over ours, without regard to case.

    No value can begin another header.
    """
    given = {_check_name(name): _clean_values(value) for name, value in theirs.items()}
    names = {name.lower() for name in given}
    merged: dict[str, str | list[str]] = {
        name: value for name, value in always.items() if name.lower() not in names
    }
    merged |= {name: _clean(value) for name, value in ours.items() if name.lower() not in names}
    return merged | given


def _check_name(name: str) -> str:
    if not _NAME.fullmatch(name):
        raise ValueError(f"No name for a header: {name!r}")
    return name


def _clean_values(value: str | list[str]) -> str | list[str]:
    return [_clean(one) for one in value] if isinstance(value, list) else _clean(value)


def _clean(value: str) -> str:
    return _UNSENDABLE.sub("", value)
