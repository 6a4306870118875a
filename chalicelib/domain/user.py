"""People who may sign in: for a partner organisation, or for the programme."""

from typing import Literal

from chalicelib.domain.base import Frozen, Instant

# Chosen: more than work on claims in any partner organisation; a list of them is one read.
MAX_USERS = 100


class User(Frozen):
    """A person of an organisation.

    Attributes:
        organisation_id: the partner organisation; empty: of the programme.
        sub: the subject of the person's tokens.
        rev: the number of the version that is stored.
    """

    id: str
    organisation_id: str
    email: str
    name: str
    roles: tuple[str, ...]
    created_at: Instant
    locale: str = "en"
    state: Literal["active", "disabled"] = "active"
    sub: str = ""
    rev: int = 1
