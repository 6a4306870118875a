"""Bodies: the bytes of a gateway's event, parsed as the type that their header names."""

import re
from base64 import b64decode
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs

from chalicelib.domain.findings import Finding
from chalicelib.domain.refusals import Forbidden, Malformed
from chalicelib.runtime.lazy_import import load
from chalicelib.web.http import strict_json
from chalicelib.web.http.problems import TooLarge, UnsupportedType
from chalicelib.web.http.routing import Route

FORM = "application/x-www-form-urlencoded"
JSON = "application/json"
MERGE_PATCH = "application/merge-patch+json"
UTF8 = {"utf-8", "utf8"}  # the second as many clients write it
MAX_FIELDS = 400  # of a form (pages.md, section 6)

_RAW_BYTE = re.compile(rb"[\x80-\xff]")
_BROKEN_PERCENT = re.compile(rb"%(?![0-9A-Fa-f]{2})")


def read_body(event: Mapping[str, Any]) -> bytes:
    """Return the bytes of the body. Raises TooLarge, and Malformed for broken base 64."""
    body = event.get("body") or b""
    if len(body) > strict_json.MAX_BYTES * 2:  # before it is decoded; base 64 adds a third
        raise TooLarge(limit=str(strict_json.MAX_BYTES))
    try:
        raw = b64decode(body, validate=True) if event.get("isBase64Encoded") else _encode(body)
    except ValueError as broken:
        raise strict_json.make_refusal("encoding") from broken
    if len(raw) > strict_json.MAX_BYTES:
        raise TooLarge(limit=str(strict_json.MAX_BYTES))
    return raw


def _encode(body: str | bytes) -> bytes:
    return body if isinstance(body, bytes) else body.encode()


def parse_body(route: Route, raw: bytes, headers: Mapping[str, str]) -> Any:
    """Parse a body as plain values; an empty one is an empty object.

    Raises Malformed, UnsupportedType, and Forbidden for a form that another site sent.
    """
    if route.kind == "page":
        _refuse_other_sites(route, headers)
        content_type = headers.get("content-type", "")
        return parse_form(raw, content_type) if route.endpoint.body and raw else {}
    if not raw or (route.kind == "webhook" and route.endpoint.body is None):
        return {}  # a webhook without a model reads the raw body itself
    wanted = (MERGE_PATCH, JSON) if route.method == "PATCH" else (JSON,)
    _refuse_other_types(headers.get("content-type", ""), wanted)
    return strict_json.loads(raw)


def _refuse_other_sites(route: Route, headers: Mapping[str, str]) -> None:
    """Raise Forbidden for a form that was not sent from our own page.

    Browsers say where it comes from. `Origin` does not: it is `null` under our referrer policy.
    """
    if route.method == "POST" and headers.get("sec-fetch-site", "none") not in {
        "same-origin",
        "none",
    }:
        raise Forbidden("cross_site")


def _refuse_other_types(header: str, wanted: tuple[str, ...]) -> None:
    kind, charsets = _parse_content_type(header)
    if kind not in wanted or any(charset not in UTF8 for charset in charsets):
        raise UnsupportedType(expected=wanted[0])


def _parse_content_type(header: str) -> tuple[str, list[str]]:
    """Return the media type of a header, and the character sets that it declares."""
    kind, *parameters = (part.strip().lower() for part in header.split(";"))
    return kind, [
        part.partition("=")[2].strip('" ') for part in parameters if part.startswith("charset")
    ]


def parse_form(raw: bytes, content_type: str) -> dict[str, list[str]]:
    """Parse the fields of a form. One that was left empty is left out.

    Clients may end a form with a line end or an empty field, and send a field twice. A form is in
    UTF-8 whatever its header declares (WHATWG URL, 5.1); another set counts for text that is not.
    """
    kind, charsets = _parse_content_type(content_type)
    if kind != FORM:
        raise UnsupportedType(expected=FORM)
    if _BROKEN_PERCENT.search(raw):
        raise Malformed([Finding(code="invalid_value")])
    sent = b"&".join(filter(None, raw.strip(b"\r\n").split(b"&")))
    text = _RAW_BYTE.sub(lambda one: b"%%%02X" % one[0][0], sent).decode()
    fields = _parse_fields(text, "utf-8")
    for charset in charsets if fields is None else []:
        find_encoding = load("domain.character_sets:find_encoding")
        fields = _parse_fields(text, find_encoding(charset) or "utf-8")
    if fields is None:
        raise Malformed([Finding(code="invalid_value")])
    each = {name: list(dict.fromkeys(values)) for name, values in fields.items()}
    return {name: values for name, values in each.items() if values != [""]}


def _parse_fields(text: str, encoding: str) -> dict[str, list[str]] | None:
    """Return the fields of a form, None when they cannot be read in this encoding."""
    try:
        return parse_qs(
            text,
            keep_blank_values=True,
            strict_parsing=True,
            encoding=encoding,
            errors="strict",
            max_num_fields=MAX_FIELDS,
        )
    except ValueError:
        return None
