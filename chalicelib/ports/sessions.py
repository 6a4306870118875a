"""The ports for people who are signed in, and for what the sandbox's issuer gave out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from chalicelib.domain.session import Grant, Session


class Sessions(Protocol):
    """Sessions of people who are signed in to the pages."""

    def get(self, owner: str, session_id: str) -> Session | None:
        """Return a session, None when there is none or it was closed."""
        ...

    def save(self, session: Session) -> None:
        """Write a session over the version before it. Raises Conflict."""
        ...

    def close(self, session: Session) -> None:
        """Close a session for good, whichever version is stored."""
        ...

    def list_of(self, owner: str) -> Sequence[Session]:
        """Return all sessions of a person that were not closed."""
        ...


class Grants(Protocol):
    """Authorization codes and refresh tokens of a sandbox's issuer, by their hashes."""

    def get(self, grant_id: str) -> Grant | None:
        """Return a grant, None when there is none."""
        ...

    def save(self, grant_id: str, grant: Grant) -> None:
        """Write a grant over the version before it. Raises Conflict."""
        ...
