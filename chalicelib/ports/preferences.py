"""The port for what people have chosen for the pages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from chalicelib.domain.preferences import Preferences


class PreferenceRecords(Protocol):
    """The preferences of people."""

    def get(self, organisation_id: str, sub: str) -> Preferences | None:
        """Return a person's preferences, None when nothing was ever saved.

        organisation_id: empty for a person of the programme.
        """
        ...

    def save(self, preferences: Preferences) -> None:
        """Write preferences over the version before them. Raises Conflict."""
        ...
