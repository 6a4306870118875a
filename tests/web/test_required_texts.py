"""A text that is mandatory says something, wherever the contract asks for one."""

import types
from collections.abc import Iterator
from typing import Annotated, Any, Union, get_args, get_origin

import pytest
from pydantic import BaseModel, ValidationError

from chalicelib.web.http.routing import RouteTable
from chalicelib.web.http.validation_errors import list_findings
from chalicelib.web.routes import ROUTES

BLANKS = ("", " ", "\n\t ", "\u00a0\u3000", "\u200b\ufeff", "\u00ad", "\u3164", "\u2800", "\u0301")
# What people write for others to read, and what names or addresses something.
FREE_TEXTS = {
    "reason",
    "message",
    "text",
    "source",
    "coverage",
    "recency",
    "customer",
    "continuity",
}
NAMES = {
    "id",
    "name",
    "tenant_id",
    "domain",
    "product",
    "party",
    "file_name",
    "content_type",
    "url",
    "contact",
    "email",
}


def list_models(annotation: Any) -> Iterator[type[BaseModel]]:
    """The models in an annotation."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    elif get_origin(annotation) in (Annotated, Union, types.UnionType, tuple, list):
        for part in get_args(annotation):
            yield from list_models(part)


def list_texts(model: type[BaseModel], path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """The places of mandatory texts in a model, in objects that it has too."""
    for name, field in model.model_fields.items():
        if field.is_required() and field.annotation is str:
            yield (*path, name)
        for nested in list_models(field.annotation):
            yield from list_texts(nested, (*path, name))


BODIES = {
    route.name: route.endpoint.body
    for route in RouteTable(ROUTES)
    if route.kind == "api" and route.endpoint.body
}
TEXTS = [(name, place) for name, model in BODIES.items() for place in list_texts(model)]


def test_every_mandatory_string_of_the_contract_is_a_text_or_a_name():
    names = {place[-1] for _, place in TEXTS}

    assert names >= FREE_TEXTS
    assert names - FREE_TEXTS - {"sha256"} <= NAMES


@pytest.mark.parametrize(
    ("route", "place"), [one for one in TEXTS if one[1][-1] in FREE_TEXTS], ids=str
)
@pytest.mark.parametrize("blank", BLANKS, ids=ascii)
def test_a_mandatory_text_is_not_blank(route, place, blank):
    body: Any = blank
    for name in reversed(place):
        body = {name: body}

    with pytest.raises(ValidationError) as refused:
        BODIES[route].model_validate(body)

    findings = list_findings(refused.value, body)
    assert ("missing", f"/{'/'.join(place)}") in {(one.code, one.pointer) for one in findings}
