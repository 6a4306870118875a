"""What pydantic finds wrong with a request, in the words of the contract: all of it, each with its
place.
"""

import re
from functools import cache
from typing import Any

from pydantic import ValidationError

from chalicelib.domain.findings import Finding

# findings in one answer: whoever sends ten thousand unknown fields learns of the first hundred
MOST = 100
LONGEST = 100  # characters of a name that the caller made up and we repeat

_CODES = {
    "missing": "missing",
    "union_tag_not_found": "missing",
    "extra_forbidden": "unknown_field",
    "string_too_long": "too_long",
    "too_long": "too_long",
    "bytes_too_long": "too_long",
    "string_too_short": "too_short",
    "too_short": "too_short",
    "bytes_too_short": "too_short",
    "literal_error": "not_one_of",
    "enum": "not_one_of",
    "union_tag_invalid": "not_one_of",
    "greater_than": "too_small",
    "greater_than_equal": "too_small",
    "less_than": "too_large",
    "less_than_equal": "too_large",
    "string_pattern_mismatch": "wrong_format",
    "date_type": "wrong_type",
    "datetime_type": "wrong_type",
}
_FORMATS = {
    "date_": "not_a_date",
    "datetime_": "not_a_moment",
    "timezone_": "not_a_moment",
    "uuid_": "not_a_guid",
    "url_": "not_a_url",
    "time_": "wrong_format",
    "decimal_": "wrong_format",
}
_LIMITS = {
    "max_length": "max",
    "le": "max",
    "lt": "max",
    "min_length": "min",
    "ge": "min",
    "gt": "min",
}
_TYPES = {
    "string": "string",
    "int": "integer",
    "float": "number",
    "bool": "boolean",
    "list": "array",
    "tuple": "array",
    "set": "array",
    "frozen": "array",
    "dict": "object",
    "model": "object",
}


def findings_of(error: ValidationError, given: Any) -> tuple[Finding, ...]:
    """The findings of a failed validation of `given`.

    What the caller wrote is not repeated, but for names.
    """
    found: dict[tuple[str, str], Finding] = {}
    for wrong in error.errors(include_url=False, include_input=False):
        code = _code(wrong["type"])
        pointer = _pointer(wrong["loc"], given, missing=code == "missing")
        found.setdefault(
            (code, pointer), Finding(code=code, pointer=pointer, values=_values(wrong))
        )
    return tuple(found.values())[:MOST]


def _code(kind: str) -> str:
    """Codes of our own validators (`PydanticCustomError`) pass as they are."""
    if kind in _CODES:
        return _CODES[kind]
    if kind not in _kinds():
        return kind
    for prefix, code in _FORMATS.items():
        if kind.startswith(prefix):
            return code
    return (
        "wrong_type"
        if kind.endswith(("_type", "_parsing")) or kind == "int_from_float"
        else "invalid_value"
    )


@cache
def _kinds() -> frozenset[str]:
    from typing import get_args

    from pydantic_core.core_schema import ErrorType

    return frozenset(get_args(ErrorType))


def _pointer(loc: tuple[int | str, ...], given: Any, missing: bool) -> str:
    """The place in the request: pydantic's location without the names of a union's branches, which
    are no places.
    """
    steps = []
    at: Any = given
    for number, step in enumerate(loc):
        if _holds(at, step):
            at = at[step]
        elif not (number == 0 or missing and isinstance(at, dict) and number == len(loc) - 1):
            continue
        steps.append(str(step)[:LONGEST].replace("~", "~0").replace("/", "~1"))
    return "".join(f"/{step}" for step in steps)


def _holds(at: Any, step: int | str) -> bool:
    return (
        step in at
        if isinstance(at, dict)
        else isinstance(at, list) and isinstance(step, int) and step < len(at)
    )


def _values(wrong: Any) -> dict[str, str]:
    """What fills a sentence's placeholders: field, max, min, allowed, expected; for our own codes
    what they give.
    """
    said = wrong.get("ctx", {})
    if wrong["type"] not in _kinds():
        return {name: str(value)[:LONGEST] for name, value in said.items()}
    values = {"field": str(wrong["loc"][-1])[:LONGEST]} if wrong["loc"] else {}
    values |= {
        placeholder: str(said[name]) for name, placeholder in _LIMITS.items() if name in said
    }
    allowed = said.get("expected_tags") or said.get("expected")
    if allowed:
        values["allowed"] = ", ".join(re.findall(r"'([^']*)'", allowed)) or allowed
    if _code(wrong["type"]) == "wrong_type":
        values["expected"] = _TYPES.get(wrong["type"].partition("_")[0], "string")
    return values
