"""The JSON Schemas of a set of routes, one definition per model and use.

Pydantic makes them from the models that validate requests and describe responses.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal

from pydantic import BaseModel, TypeAdapter

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

    def get_schema(self, model: Any, mode: Mode) -> dict[str, Any]:
        """Return the schema of a type."""
        return self.by_use[repr(model), mode]

    def resolve(self, model: Any) -> dict[str, Any]:
        """Return the schema of a request model itself, not a reference to it."""
        schema = self.get_schema(model, "validation")
        resolved: dict[str, Any] = (
            self.definitions[schema["$ref"].rpartition("/")[2]] if "$ref" in schema else schema
        )
        return resolved

    def list_query_parameters(self, model: type[BaseModel] | None) -> list[dict[str, Any]]:
        """Describe the parameters of a query."""
        if model is None:
            return []
        schema = self.resolve(model)
        required = schema.get("required", [])
        return [
            {
                "name": name,
                "in": "query",
                "required": name in required,
                "schema": _drop_null(wanted),
            }
            for name, wanted in schema.get("properties", {}).items()
        ]


def make_schemas(routes: Iterable[Route]) -> Schemas:
    """Make the schemas of everything that these routes take and give; imports all handlers."""
    uses: dict[tuple[str, Mode], Any] = {}
    for route in routes:
        endpoint = route.endpoint
        for model in (endpoint.body, endpoint.query):
            if model is not None:
                uses[repr(model), "validation"] = model
        uses[repr(endpoint.response), "serialization"] = endpoint.response
    inputs = [(name, mode, TypeAdapter(model)) for (name, mode), model in uses.items()]
    schemas, rest = TypeAdapter.json_schemas(inputs, ref_template=REF)
    by_use = {(name, mode): schemas[name, mode] for name, mode, _ in inputs}
    return Schemas(by_use, rest.get("$defs", {}))


def _drop_null(schema: dict[str, Any]) -> dict[str, Any]:
    """Return the schema of a parameter, which is there or not but never null."""
    some = [option for option in schema.get("anyOf", []) if option != {"type": "null"}]
    kept = {name: value for name, value in schema.items() if (name, value) != ("default", None)}
    if "anyOf" not in kept:
        return kept
    del kept["anyOf"]
    return kept | (some[0] if len(some) == 1 else {"anyOf": some})
