"""Queries and forms are texts; models want numbers, truth values, lists. Only what is plainly one
becomes one.
"""

import re
import types
from collections.abc import Mapping
from functools import cache
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel

from chalicelib.domain.findings import Finding

_INTEGER = re.compile(r"-?(0|[1-9][0-9]{0,17})")
_TRUTH = {"true": True, "false": False}
_LISTS = (list, tuple, set, frozenset)


def from_texts(
    model: type[BaseModel], asked: Mapping[str, list[str]]
) -> tuple[dict[str, Any], list[Finding]]:
    """JSON values for the texts of a query or form, as the model's fields want them, and the fields
    given twice.

    A text that is no such value stays a text, so that the model says what is wrong with it.
    """
    wanted = _wanted(model)
    given: dict[str, Any] = {}
    repeated = []
    for name, values in asked.items():
        kinds = wanted.get(name, frozenset())
        if kinds.intersection(_LISTS):
            given[name] = values
            continue
        given[name] = _value(values[-1], kinds)
        if len(values) > 1:
            step = name[:100].replace("~", "~0").replace("/", "~1")  # RFC 6901
            repeated.append(
                Finding(code="duplicate", pointer=f"/{step}", values={"field": name[:100]})
            )
    return given, repeated


def _value(text: str, kinds: frozenset[Any]) -> Any:
    if int in kinds and _INTEGER.fullmatch(text):
        return int(text)
    return _TRUTH.get(text, text) if bool in kinds else text


@cache
def _wanted(model: type[BaseModel]) -> dict[str, frozenset[Any]]:
    """The types that each field may have, by the name that callers use."""
    fields = model.model_fields.items()
    return {
        str(field.validation_alias or name): frozenset(_leaves(field.annotation))
        for name, field in fields
    }


def _leaves(annotation: Any) -> list[Any]:
    origin = get_origin(annotation)
    if origin is Annotated:
        return _leaves(get_args(annotation)[0])
    if origin in (Union, types.UnionType):
        return [leaf for part in get_args(annotation) for leaf in _leaves(part)]
    return [origin or annotation]
