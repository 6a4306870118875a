"""Ids of what belongs to a partner organisation: they end in its key, a hash of its id.

With the id alone the row is found, as with the ids of claims (`ids`).
"""

from datetime import datetime

from chalicelib.domain.base32 import ALPHABET, digest
from chalicelib.domain.ids import MOMENT, RANDOM, Kind, RandomBytes, new_id

ORGANISATION = 12  # digits of the key of an organisation: 60 bits


def organisation_key(organisation_id: str) -> str:
    """Return the key of a partner organisation."""
    return digest(organisation_id, ORGANISATION)


def new_organisation_id(
    kind: Kind, organisation_id: str, now: datetime, random_bytes: RandomBytes
) -> str:
    """Return the id of something new of an organisation."""
    return new_id(kind, now, random_bytes, organisation_key(organisation_id))


def parse_organisation_key(kind: Kind, some_id: str) -> str | None:
    """Return the key of the organisation in an id of this kind, None for any other text."""
    body = some_id.removeprefix(kind.prefix)
    if body == some_id or len(body) != MOMENT + RANDOM + ORGANISATION or not set(body) <= _DIGITS:
        return None
    return body[-ORGANISATION:]


_DIGITS = frozenset(ALPHABET)
