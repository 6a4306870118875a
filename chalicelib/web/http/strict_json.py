"""JSON with one meaning or none.

Python's parser takes more than JSON: of duplicate names the last wins, NaN is a number, and deep
nesting exhausts the stack. What is refused here can never mean one thing to this service and
another to a party that signed, logged or proxied it (OWASP ASVS 5.0, 1.5.3).
"""

import json
import re
from math import isfinite
from typing import Any, NoReturn

from chalicelib.domain.findings import Finding
from chalicelib.domain.refusals import Malformed

MAX_BYTES = 256 * 1024  # api.md, "Conventions"
MAX_DEPTH = 32  # the deepest body of the contract has 4 levels

# A string is one token even if it is never closed, so the search is linear in any text.
_TOKENS = re.compile(r'"(?:[^"\\]|\\.)*+"?|[\[\]{}]', re.DOTALL)


def loads(raw: bytes) -> Any:
    """Parse a UTF-8 text of JSON.

    Raises `Malformed` for anything ambiguous or outsized.
    """
    text = _decode(raw)
    _refuse_depth(text)
    try:
        value = _DECODER.decode(text)
    except json.JSONDecodeError as broken:
        raise make_refusal("syntax", line=str(broken.lineno), column=str(broken.colno)) from broken
    except ValueError as number:  # more digits than Python converts
        raise make_refusal("number") from number
    if "\\u" in text:  # only an escape can write half a surrogate pair
        dump_canonical(value)
    return value


def dump_canonical(value: Any) -> bytes:
    """Write a value in the one canonical way: sorted names, no spaces, UTF-8."""
    try:
        return _ENCODER.encode(value).encode()
    except UnicodeEncodeError as half:
        raise make_refusal("encoding") from half


def make_refusal(reason: str, **values: str) -> Malformed:
    """Make the refusal of a text as a whole: `not_json`, with the reason among its values."""
    return Malformed([Finding(code="not_json", values={"reason": reason, **values})])


def _decode(raw: bytes) -> str:
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as broken:
        raise make_refusal("encoding") from broken
    if text.startswith("\ufeff"):
        raise make_refusal("encoding")
    return text


def _refuse_depth(text: str) -> None:
    if text.count("[") + text.count("{") <= MAX_DEPTH:
        return
    depth = 0
    for token in _TOKENS.finditer(text):
        depth += {"[": 1, "{": 1, "]": -1, "}": -1}.get(token[0], 0)
        if depth > MAX_DEPTH:
            raise make_refusal("depth")


def _make_object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) == len(pairs):
        return members
    names = [name for name, _ in pairs]
    raise make_refusal(
        "duplicate", field=next(name for name in names if names.count(name) > 1)[:100]
    )


def _parse_float(digits: str) -> float:
    number = float(digits)
    if isfinite(number):
        return number
    raise make_refusal("number")


def _refuse_constant(_: str) -> NoReturn:
    raise make_refusal("number")


_DECODER = json.JSONDecoder(
    object_pairs_hook=_make_object, parse_float=_parse_float, parse_constant=_refuse_constant
)
_ENCODER = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"))
