"""The texts of queries and forms as the numbers, booleans and lists that models ask for.

Only a text that is plainly a number or a boolean becomes one.
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


def parse_texts(
    model: type[BaseModel], texts: Mapping[str, list[str]]
) -> tuple[dict[str, Any], list[Finding]]:
    """Return JSON values of the types that the model has, and a finding per repeated field.

    A text that is no such value stays a text, so that the model says what is wrong with it.
    """
    types_of = _list_types(model)
    values_of: dict[str, Any] = {}
    repeated = []
    for name, values in texts.items():
        kinds = types_of.get(name, frozenset())
        if kinds.intersection(_LISTS):
            values_of[name] = values
            continue
        values_of[name] = _parse(values[-1], kinds)
        if len(values) > 1:
            step = name[:100].replace("~", "~0").replace("/", "~1")  # RFC 6901
            repeated.append(
                Finding(code="duplicate", pointer=f"/{step}", values={"field": name[:100]})
            )
    return values_of, repeated


def _parse(text: str, kinds: frozenset[Any]) -> Any:
    if int in kinds and _INTEGER.fullmatch(text):
        return int(text)
    return _TRUTH.get(text, text) if bool in kinds else text


@cache
def _list_types(model: type[BaseModel]) -> dict[str, frozenset[Any]]:
    """Return the types that each field may have, by the name that callers use."""
    fields = model.model_fields.items()
    return {
        str(field.validation_alias or name): frozenset(_list_leaves(field.annotation))
        for name, field in fields
    }


def _list_leaves(annotation: Any) -> list[Any]:
    origin = get_origin(annotation)
    if origin is Annotated:
        return _list_leaves(get_args(annotation)[0])
    if origin in (Union, types.UnionType):
        return [leaf for part in get_args(annotation) for leaf in _list_leaves(part)]
    return [origin or annotation]
