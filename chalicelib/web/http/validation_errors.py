"""What pydantic finds wrong with a request, as findings of the contract, each with its place."""

import re
from functools import cache
from typing import Any, get_args

from pydantic import ValidationError
from pydantic_core import ErrorDetails
from pydantic_core.core_schema import ErrorType

from chalicelib.domain.findings import Finding

MAX_FINDINGS = 100  # in one answer
MAX_NAME = 100  # characters of a name that the caller made up and we repeat

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


def list_findings(error: ValidationError, given: Any) -> tuple[Finding, ...]:
    """Return the findings of a failed validation of `given`.

    They repeat the names that the caller wrote, and no values.
    """
    found: dict[tuple[str, str], Finding] = {}
    for wrong in _drop_wrong_counts(error.errors(include_url=False, include_input=False)):
        code = _choose_code(wrong["type"])
        pointer = _make_pointer(wrong["loc"], given, missing=code == "missing")
        found.setdefault(
            (code, pointer), Finding(code=code, pointer=pointer, values=_list_values(wrong))
        )
    return tuple(found.values())[:MAX_FINDINGS]


def _drop_wrong_counts(errors: list[ErrorDetails]) -> list[ErrorDetails]:
    """Leave out that a tuple is too short where elements are wrong: right ones were counted."""
    parents = {wrong["loc"][:at] for wrong in errors for at in range(len(wrong["loc"]))}
    return [
        wrong for wrong in errors if wrong["type"] != "too_short" or wrong["loc"] not in parents
    ]


def _choose_code(kind: str) -> str:
    """Return our code for a kind of error; those of our own validators pass as they are."""
    if kind in _CODES:
        return _CODES[kind]
    if kind not in _list_kinds():
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
def _list_kinds() -> frozenset[str]:
    return frozenset(get_args(ErrorType))


def _make_pointer(loc: tuple[int | str, ...], given: Any, missing: bool) -> str:
    """Return the place in the request: pydantic's location without the names of union branches."""
    steps = []
    at: Any = given
    for number, step in enumerate(loc):
        if _has_step(at, step):
            at = at[step]
        elif not (number == 0 or missing and isinstance(at, dict) and number == len(loc) - 1):
            continue
        steps.append(str(step)[:MAX_NAME].replace("~", "~0").replace("/", "~1"))
    return "".join(f"/{step}" for step in steps)


def _has_step(at: Any, step: int | str) -> bool:
    return (
        step in at
        if isinstance(at, dict)
        else isinstance(at, list) and isinstance(step, int) and step < len(at)
    )


def _list_values(wrong: Any) -> dict[str, str]:
    """Return what fills a sentence's placeholders: field, max, min, allowed, expected.

    An error of our own validators brings its own values.
    """
    context = wrong.get("ctx", {})
    if wrong["type"] not in _list_kinds():
        return {name: str(value)[:MAX_NAME] for name, value in context.items()}
    values = {"field": str(wrong["loc"][-1])[:MAX_NAME]} if wrong["loc"] else {}
    values |= {
        placeholder: str(context[name]) for name, placeholder in _LIMITS.items() if name in context
    }
    allowed = context.get("expected_tags") or context.get("expected")
    if allowed:
        values["allowed"] = ", ".join(re.findall(r"'([^']*)'", allowed)) or allowed
    if _choose_code(wrong["type"]) == "wrong_type":
        values["expected"] = _TYPES.get(wrong["type"].partition("_")[0], "string")
    return values
