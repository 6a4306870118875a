"""Bodies: the bytes that a gateway hands over, as JSON or as a form, never as something to be
guessed.
"""

import re
from base64 import b64decode
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs

from chalicelib.domain.findings import Finding
from chalicelib.domain.refusals import Forbidden, Malformed
from chalicelib.web.http import strict_json
from chalicelib.web.http.problems import TooLarge, UnsupportedType
from chalicelib.web.http.routing import Route

FORM = "application/x-www-form-urlencoded"
JSON = "application/json"
MERGE_PATCH = "application/merge-patch+json"
MAX_FIELDS = 100  # of a form

_BROKEN_PERCENT = re.compile(rb"%(?![0-9A-Fa-f]{2})")


def raw_body(event: Mapping[str, Any]) -> bytes:
    """The bytes of the body, at most as many as the contract allows."""
    body = event.get("body") or b""
    if len(body) > strict_json.MAX_BYTES * 2:  # before any work is done; base 64 adds a third
        raise TooLarge(limit=str(strict_json.MAX_BYTES))
    try:
        raw = b64decode(body, validate=True) if event.get("isBase64Encoded") else _bytes(body)
    except ValueError as broken:
        raise strict_json.refused("encoding") from broken
    if len(raw) > strict_json.MAX_BYTES:
        raise TooLarge(limit=str(strict_json.MAX_BYTES))
    return raw


def _bytes(body: str | bytes) -> bytes:
    return body if isinstance(body, bytes) else body.encode()


def given(route: Route, raw: bytes, headers: Mapping[str, str]) -> Any:
    """The body as plain values; what an empty body leaves out is found missing like anything else."""
    if route.kind == "page":
        _refuse_other_sites(route, headers)
        return _form(raw, headers.get("content-type", "")) if route.body and raw else {}
    if not raw or (
        route.kind == "webhook" and route.body is None
    ):  # a webhook without a model is read by its handler
        return {}
    wanted = (MERGE_PATCH, JSON) if route.method == "PATCH" else (JSON,)
    _refuse_other_types(headers.get("content-type", ""), wanted)
    return strict_json.loads(raw)


def _refuse_other_sites(route: Route, headers: Mapping[str, str]) -> None:
    """A page's form comes from that page.

    Browsers say so; `Origin` is `null` under our own referrer policy.
    """
    if route.method == "POST" and headers.get("sec-fetch-site", "none") not in {
        "same-origin",
        "none",
    }:
        raise Forbidden("cross_site")


def _refuse_other_types(header: str, wanted: tuple[str, ...]) -> None:
    kind, *parameters = (part.strip().lower() for part in header.split(";"))
    charsets = [
        part.partition("=")[2].strip('" ') for part in parameters if part.startswith("charset")
    ]
    if kind not in wanted or any(charset != "utf-8" for charset in charsets):
        raise UnsupportedType(expected=wanted[0])


def _form(raw: bytes, content_type: str) -> dict[str, list[str]]:
    """A form's fields. An empty field was left empty, so it is not there."""
    _refuse_other_types(content_type, (FORM,))
    if _BROKEN_PERCENT.search(raw):
        raise _not_a_form()
    try:
        fields = parse_qs(
            raw.decode("utf-8"),
            keep_blank_values=True,
            strict_parsing=True,
            errors="strict",
            max_num_fields=MAX_FIELDS,
        )
    except ValueError as broken:
        raise _not_a_form() from broken
    return {name: values for name, values in fields.items() if values != [""]}


def _not_a_form() -> Malformed:
    return Malformed([Finding(code="invalid_value")])
