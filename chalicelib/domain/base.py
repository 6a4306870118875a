"""The base of every value in the domain: frozen, strict about unknown fields."""

from datetime import UTC, datetime
from typing import Annotated, Any, Self

from pydantic import AwareDatetime, BaseModel, ConfigDict, PlainSerializer


class Frozen(BaseModel):
    """A value that never changes; a step makes a new one.

    A field whose stored name differs from its name in the code has that name as its alias.
    """

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        defer_build=True,
        validate_by_name=True,
        validate_by_alias=True,
        serialize_by_alias=True,
    )

    def evolve(self, **changes: Any) -> Self:
        """Return the value with some fields changed; they are not validated again."""
        return self.model_copy(update=changes)


def rfc3339(moment: datetime) -> str:
    """Format in UTC with `Z` and milliseconds, so that texts sort as moments do."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


Instant = Annotated[AwareDatetime, PlainSerializer(rfc3339, return_type=str, when_used="json")]
