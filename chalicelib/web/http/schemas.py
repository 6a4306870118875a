"""The JSON Schemas of a set of routes: made by pydantic from the very models, one definition per
model and use.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from pkgutil import iter_modules
from typing import Any, Literal

from pydantic import TypeAdapter

from chalicelib.web.http.routing import Route

REF = "#/components/schemas/{model}"
Mode = Literal["validation", "serialization"]

_TEXT = {"type": "string"}
_FINDING = {
    "type": "object",
    "required": ["code", "pointer", "detail", "hint"],
    "properties": {
        "code": _TEXT,
        "pointer": {"type": "string", "format": "json-pointer"},
        "detail": _TEXT,
        "hint": _TEXT,
    },
}
PROBLEM = {  # RFC 9457, with the members that the contract adds
    "type": "object",
    "required": ["type", "title", "status", "detail", "code", "request_id", "support"],
    "properties": {
        "type": {"type": "string", "format": "uri-reference"},
        "title": _TEXT,
        "status": {"type": "integer"},
        "detail": _TEXT,
        "code": _TEXT,
        "request_id": _TEXT,
        "support": _TEXT,
        "errors": {"type": "array", "items": _FINDING},
        "warnings": {"type": "array", "items": _FINDING},
    },
}


@dataclass(frozen=True)
class Schemas:
    """Schemas by type and use, and the definitions that they refer to."""

    by_use: dict[tuple[str, Mode], dict[str, Any]]
    definitions: dict[str, Any]

    def schema(self, model: Any, mode: Mode) -> dict[str, Any]:
        """The schema of a type; anything at all for a route that does not say what it answers."""
        return self.by_use[repr(model), mode] if model is not None else {}

    def resolved(self, model: Any) -> dict[str, Any]:
        """The schema of a model that requests are judged by, not a reference to it."""
        schema = self.schema(model, "validation")
        found: dict[str, Any] = (
            self.definitions[schema["$ref"].rpartition("/")[2]] if "$ref" in schema else schema
        )
        return found

    def query(self, route: Route) -> list[dict[str, Any]]:
        """The parameters of a route's query."""
        if route.query is None:
            return []
        schema = self.resolved(route.query)
        required = schema.get("required", [])
        return [
            {
                "name": name,
                "in": "query",
                "required": name in required,
                "schema": _never_null(wanted),
            }
            for name, wanted in schema.get("properties", {}).items()
        ]


def of(routes: Sequence[Route]) -> Schemas:
    """The schemas of everything that these routes take and give."""
    uses: dict[tuple[str, Mode], Any] = {}
    for route in routes:
        for model in (route.body, route.query):
            uses[repr(model), "validation"] = model
        uses[repr(route.answers), "serialization"] = _shape(route.answers)
    inputs = [
        (name, mode, TypeAdapter(model))
        for (name, mode), model in uses.items()
        if model is not None
    ]
    found, rest = TypeAdapter.json_schemas(inputs, ref_template=REF)
    return Schemas(
        {(name, mode): found[name, mode] for name, mode, _ in inputs}, rest.get("$defs", {})
    )


def _shape(answers: Any) -> Any:
    """A type of answer; those that routes only name are loaded now, with the document, and never
    with a request.
    """
    if not isinstance(answers, str):
        return answers
    from chalicelib.web.api import response_models as models

    modules = (
        import_module(f"{models.__name__}.{one.name}") for one in iter_modules(models.__path__)
    )
    return next(found for one in modules if (found := vars(one).get(answers)))


def _never_null(schema: dict[str, Any]) -> dict[str, Any]:
    """A parameter is there or not; it is never null."""
    some = [option for option in schema.get("anyOf", []) if option != {"type": "null"}]
    kept = {name: value for name, value in schema.items() if (name, value) != ("default", None)}
    if "anyOf" not in kept:
        return kept
    del kept["anyOf"]
    return kept | (some[0] if len(some) == 1 else {"anyOf": some})
