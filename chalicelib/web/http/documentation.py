"""What the OpenAPI document says in words: descriptions, codes of refusals, and examples.

The words are in `openapi_texts.json`, which is read when the document is made and never before.
`properties` and `examples` are found by `Model.property`, else by `property`.
"""

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

TEXTS = Path(__file__).with_name("openapi_texts.json")
SCHEMAS = "#/components/schemas/"
MAX_DEPTH = 8  # of an example; nothing that the service sends is deeper
# Examples of values that no text names, by their format.
BY_FORMAT = {"date-time": "2026-11-20T09:00:00.000Z", "date": "2026-11-20"}
BY_TYPE: dict[str, Any] = {
    "string": "text",
    "integer": 1,
    "number": 1.0,
    "boolean": True,
    "null": None,
}

Schema = Mapping[str, Any]


@cache
def read_texts() -> dict[str, Any]:
    """Read the words of the document."""
    texts: dict[str, Any] = json.loads(TEXTS.read_text(encoding="utf-8"))
    return texts


def describe_operation(name: str) -> dict[str, str]:
    """Return the description of an operation with the codes of its own refusals."""
    found = read_texts()["operations"].get(name)
    if not found:
        return {}
    codes = ", ".join(f"`{code}`" for code in found["codes"])
    return {"description": found["description"] + (f"\n\nCodes: {codes}." if codes else "")}


def find_conditions(name: str) -> dict[str, Any]:
    """Return the schema of an operation's rules that its body's model does not express."""
    conditions: dict[str, Any] = read_texts()["conditions"].get(name, {})
    return conditions


def describe_parameter(name: str) -> dict[str, str]:
    """Return the description of a parameter of the path or the query."""
    text = read_texts()["parameters"].get(name)
    return {"description": text} if text else {}


def list_codes(status: int | None) -> str:
    """Return the codes that every operation may answer with a status, as words."""
    codes = read_texts()["codes"].get(str(status), [])
    return ", ".join(f"`{code}`" for code in codes)


def list_tags(names: set[str]) -> list[dict[str, str]]:
    """Return the tags in the order of the texts, each with its description."""
    tags: dict[str, str] = read_texts()["tags"]
    return [{"name": name, "description": text} for name, text in tags.items() if name in names]


def describe_properties(definitions: Mapping[str, Any]) -> dict[str, Any]:
    """Return the schemas with a description of each property."""
    return {model: _describe_model(model, schema) for model, schema in definitions.items()}


def _describe_model(model: str, schema: Schema) -> dict[str, Any]:
    properties = {
        name: _without_empty_default(inner) | _describe_property(model, name)
        for name, inner in schema.get("properties", {}).items()
    }
    return dict(schema) | ({"properties": properties} if properties else {})


def _without_empty_default(schema: Schema) -> dict[str, Any]:
    """Return a property's schema without a default that only says that it may be left out.

    Generators of TypeScript take a property with a default for one that is always there.
    """
    empty = schema.get("default", 0) in (None, "", [])
    return {name: value for name, value in schema.items() if name != "default" or not empty}


def _describe_property(model: str, name: str) -> dict[str, str]:
    texts = read_texts()["properties"]
    text = texts.get(f"{_plain(model)}.{name}", texts.get(name))
    return {"description": text} if text else {}


def _plain(model: str) -> str:
    """Return a model's name without the use that pydantic adds to distinguish two."""
    return model.removesuffix("-Input").removesuffix("-Output")


class Examples:
    """Makes examples of schemas. `definitions`: what they refer to."""

    def __init__(self, definitions: Mapping[str, Any]) -> None:
        self._definitions = definitions
        self._known: dict[str, Any] = read_texts()["examples"]

    def make(self, schema: Schema, model: str = "", depth: int = 0) -> Any:
        """Return a value that a schema allows."""
        if "$ref" in schema:
            name = schema["$ref"].removeprefix(SCHEMAS)
            return self.make(self._definitions[name], name, depth)
        if "const" in schema:
            return schema["const"]
        if "enum" in schema:
            return schema["enum"][0]
        for options in ("anyOf", "oneOf"):
            if options in schema:
                return self.make(schema[options][0], model, depth)
        return self._make_by_type(schema, model, depth)

    def _make_by_type(self, schema: Schema, model: str, depth: int) -> Any:
        kind = schema.get("type")
        if kind == "object":
            return self._make_object(schema, model, depth)
        if kind == "array":
            items = schema.get("items", {})
            return [self.make(items, model, depth + 1)] if items and depth < MAX_DEPTH else []
        return BY_FORMAT.get(schema.get("format", ""), BY_TYPE.get(str(kind)))

    def _make_object(self, schema: Schema, model: str, depth: int) -> dict[str, Any]:
        return {
            name: self._make_property(model, name, inner, depth)
            for name, inner in schema.get("properties", {}).items()
            if not inner.get("deprecated")
        }

    def _make_property(self, model: str, name: str, schema: Schema, depth: int) -> Any:
        """Return the example of the texts if there is one that the schema could allow."""
        for key in (f"{_plain(model)}.{name}", name):
            if key in self._known and _may_be(schema, self._known[key]):
                return self._known[key]
        return self.make(schema, model, depth + 1)


def _may_be(schema: Schema, value: Any) -> bool:
    """Return whether a value is of a type, and one of the values, that a schema allows.

    A reference is followed to an object only, so that one example serves many models.
    """
    if "$ref" in schema:
        return isinstance(value, dict)
    options = schema.get("anyOf") or schema.get("oneOf")
    if options:
        return any(_may_be(option, value) for option in options)
    if "const" in schema or "enum" in schema:
        return value in schema.get("enum", [schema.get("const")])
    types = {"string": str, "integer": int, "number": float, "boolean": bool, "null": type(None)}
    types |= {"object": dict, "array": list}
    expected = types.get(str(schema.get("type")))
    return expected is None or isinstance(value, expected)


def prune(schemas: Mapping[str, Any], used_by: Any) -> dict[str, Any]:
    """Return the schemas that something refers to, directly or through others."""
    kept: dict[str, Any] = {}
    waiting = [used_by]
    while waiting:
        for name in _list_references(waiting.pop()):
            if name not in kept:
                kept[name] = schemas[name]
                waiting.append(schemas[name])
    return {name: schema for name, schema in schemas.items() if name in kept}


def _list_references(value: Any) -> list[str]:
    text = json.dumps(value)
    parts = text.split(f'"$ref": "{SCHEMAS}')[1:]
    return [part.partition('"')[0] for part in parts]
