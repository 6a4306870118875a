"""Ids: a prefix, a moment, chance, and where the thing lives.

Everything about one customer lives in one place of the store, so ids that belong to a tenant end in
the tenant's *key*, and ids that belong to an item end in tenant key and item key. Whoever holds a
claim's id can thus fetch the claim, its item's place and its tenant's subscriptions in one round
trip. Keys are truncated SHA-256 hashes (tenant 60 bits, item 40 bits): no name and no GUID is to be
read from an id. A collision does no harm: every value also carries the full tenant id and item, and
they are compared.

Alphabet: Crockford's base 32 in lower case, so that text order is time order.
"""

import hashlib
from collections.abc import Callable
from datetime import datetime

ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
MOMENT, CHANCE, TENANT, ITEM = 10, 10, 12, 8
BODY = MOMENT + CHANCE

Chance = Callable[[int], bytes]


def base32(number: int, length: int) -> str:
    """The `length` lowest base-32 digits of a number, highest first."""
    digits = []
    for _ in range(length):
        number, digit = divmod(number, 32)
        digits.append(ALPHABET[digit])
    return "".join(reversed(digits))


def digest(text: str, length: int) -> str:
    """The first `length` base-32 digits of a text's SHA-256."""
    return base32(
        int.from_bytes(hashlib.sha256(text.encode()).digest(), "big") >> (256 - 5 * length), length
    )


def tenant_key(tenant_id: str) -> str:
    """Where a tenant lives: 12 characters of the hash of its GUID."""
    return digest(tenant_id.lower(), TENANT)


def item_key(item: str) -> str:
    """Where an item lives within its tenant: 8 characters of the hash of its name (`Item.name`)."""
    return digest(item, ITEM)


def new_id(prefix: str, now: datetime, random_bytes: Chance, lives: str = "") -> str:
    """A fresh time-ordered id (48 bits of milliseconds, 50 bits of chance) that tells where the
    thing lives.
    """
    body = base32(int(now.timestamp() * 1000), MOMENT) + base32(
        int.from_bytes(random_bytes(7), "big"), CHANCE
    )
    return f"{prefix}_{body}{lives}"


def lives_in(some_id: str) -> str:
    """The tenant key within an id; '' when the id is not of such a kind or is garbled."""
    body = some_id.partition("_")[2][BODY:]
    return body[:TENANT] if len(body) >= TENANT and set(body) <= set(ALPHABET) else ""


def item_in(some_id: str) -> str:
    """The item key within an id of a claim, an association or a case; '' when there is none."""
    body = some_id.partition("_")[2][BODY + TENANT :]
    return body[:ITEM] if lives_in(some_id) and len(body) >= ITEM else ""


def association_id(claim_id: str, ordinal: int) -> str:
    """A claim's first, second, … association: the claim's own id under another prefix, so it needs
    no index.
    """
    return f"asc_{claim_id.partition('_')[2]}{base32(ordinal, 1)}"


def claim_of(association: str) -> str:
    """The claim id within an association's id."""
    return f"clm_{association.partition('_')[2][:-1]}"


def slot_id(tenant_id: str, item: str) -> str:
    """What the worker calls an item's place: it is found by its keys, and has no moment of its own."""
    return f"plc_{tenant_key(tenant_id)}{item_key(item)}"
