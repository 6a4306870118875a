"""The ports for people who may sign in: their memberships, and the pool that signs them in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from chalicelib.domain.user import User


class Users(Protocol):
    """The memberships of people in organisations. A new one is part of a `Change`."""

    def list(self, organisation_id: str) -> tuple[User, ...]:
        """List the people of an organisation, those of the programme for an empty id."""
        ...

    def get(self, organisation_id: str, user_id: str) -> User | None:
        """Return one person of an organisation."""
        ...

    def remove(self, organisation_id: str, user_id: str) -> None:
        """Remove a membership. Idempotent."""
        ...


class UserPool(Protocol):
    """The user pool of the stack. It signs people in; who belongs where is in `Users`."""

    def invite(self, user: User) -> str:
        """Create a person, who gets an invitation by mail, and return their subject.

        Idempotent for the same person. Raises UserExists for an address that belongs to a person of
        another organisation.
        """
        ...

    def change_roles(self, before: User, after: User) -> None:
        """Give a person other roles, which count from their next token on."""
        ...

    def remove(self, user: User) -> None:
        """Remove a person, and end their sign-ins."""
        ...

    def disable(self, user: User) -> None:
        """Let a person sign in no more, and end their sign-ins."""
        ...

    def enable(self, user: User) -> None:
        """Let a disabled person sign in again."""
        ...
