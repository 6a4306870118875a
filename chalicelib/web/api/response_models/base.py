"""What the descriptions of all responses are built from."""

from typing import Annotated

from pydantic import Field, WithJsonSchema
from typing_extensions import TypedDict


def make_enum(*values: str) -> WithJsonSchema:
    """Return the annotation of a text that has one of these values.

    For sets of values that the domain keeps in a table; elsewhere a `Literal` says the same.
    """
    return WithJsonSchema({"type": "string", "enum": list(values)})


Timestamp = Annotated[
    str, WithJsonSchema({"type": "string", "format": "date-time", "pattern": r"\.[0-9]{3}Z$"})
]
Date = Annotated[str, WithJsonSchema({"type": "string", "format": "date"})]
Hash = Annotated[str, Field(pattern="^[0-9a-f]{64}$")]
# Marks a member that is left out when it has no value.
OMITTED_WHEN_NONE = Field(json_schema_extra={"default": None})


class Shape(TypedDict):
    """A response. Its schema is open: new members may appear (api.md, "Event types")."""
