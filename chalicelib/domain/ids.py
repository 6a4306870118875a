"""Format and parse every id. No other module knows a prefix or the position of a part.

An id is a prefix that names its kind, a moment, random digits, and the keys of the tenant and the
item that it belongs to. Everything about one customer is stored under one partition key, so with
the id of a claim its record, the slot of its item and the subscriptions of its tenant are fetched
in one round trip.

Keys are truncated SHA-256 hashes (tenant 60 bits, item 40 bits): an id shows no name and no GUID.
Collisions are safe: each record also has the full tenant id and item, and these are compared.

Digits are base 32 in lower case, so that text order is time order.
"""

from collections.abc import Callable
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from chalicelib.domain.base32 import ALPHABET, base32, digest, parse_base32

MOMENT, RANDOM, TENANT, ITEM = 10, 10, 12, 8  # digits of the parts of an id
SECRET = 26  # digits of a link token's secret, and of its hash: 130 bits
# Digits after the secret of a link token: the number of its key, and its check value (40 bits: at
# the rate that the API admits, a guess is right once in decades).
KEY_NUMBER, CHECK = 2, 8
TOKEN = TENANT + SECRET + KEY_NUMBER + CHECK  # digits of a link token
EVENT_RANDOM, EVENT_NUMBER = 6, 4  # digits after the timestamp in an event id
EVENT_DIGITS = MOMENT + EVENT_RANDOM + EVENT_NUMBER

RandomBytes = Callable[[int], bytes]


class Kind(StrEnum):
    """The kinds of ids, by their prefixes. Prefixes are stored and never change."""

    API_KEY = "apk"
    ARBITRATION = "arb"
    ASSOCIATION = "asc"
    BOXED_MAIL = "box"
    CLAIM = "clm"
    COMMENT = "cmt"
    EVENT = "evt"
    EVIDENCE = "evd"
    FILING = "fil"
    MAIL = "mai"
    OUTBOX = "out"
    SLOT = "plc"
    TALLY = "tly"
    TASK = "tsk"
    TENANT_SETTINGS = "hnd"
    USER = "usr"
    WEBHOOK_ENDPOINT = "whk"
    WEBHOOK_REPLAY = "rpl"

    @property
    def prefix(self) -> str:
        """The first characters of every id of this kind."""
        return f"{self.value}_"


KINDS = {kind.value: kind for kind in Kind}
FIRST_EVENT = Kind.EVENT.prefix  # sorts before every event id


class ItemKeys(NamedTuple):
    """The keys under which a record of an item is stored."""

    tenant: str
    item: str


class MailKeys(NamedTuple):
    """The keys under which a mail record is stored."""

    tenant: str
    token_hash: str


class TokenParts(NamedTuple):
    """The parts of a link token. Only a hash of the whole token is stored.

    key_number, check: the number of the key, and the check value made with it; 0 and '' in links
        that were sent before there were check values.
    """

    tenant: str
    secret: str
    key_number: int = 0
    check: str = ""


def kind_of(some_id: str) -> Kind | None:
    """Return the kind of an id by its prefix, None for an unknown one."""
    prefix, separator, _ = some_id.partition("_")
    return KINDS.get(prefix) if separator else None


# --- Keys ---


def tenant_key(tenant_id: str) -> str:
    """Return the key of a tenant: 12 digits of the hash of its GUID."""
    return digest(tenant_id.lower(), TENANT)


def item_key(item_name: str) -> str:
    """Return the key of an item within its tenant: 8 digits of the hash of `Item.name`."""
    return digest(item_name, ITEM)


# --- Format ---


def new_id(kind: Kind, now: datetime, random_bytes: RandomBytes, suffix: str = "") -> str:
    """Return a new id: 48 bits of milliseconds, 50 random bits, and the keys in `suffix`."""
    random = base32(int.from_bytes(random_bytes(7), "big"), RANDOM)
    return f"{kind.prefix}{_moment(now)}{random}{suffix}"


def event_ids(now: datetime, random_bytes: RandomBytes) -> Callable[[int], str]:
    """Return a function from the number of a history row to its event id.

    The ids of rows that are written together share moment and random part, and end in the number,
    so that text order is their order.
    """
    random = base32(int.from_bytes(random_bytes(4), "big"), EVENT_RANDOM)
    stem = f"{Kind.EVENT.prefix}{_moment(now)}{random}"
    return lambda number: f"{stem}{base32(number, EVENT_NUMBER)}"


def first_event_at(moment: datetime) -> str:
    """Return a text that sorts after all event ids before a moment and before all others."""
    return f"{FIRST_EVENT}{_moment(moment)}"


def association_id(claim_id: str, ordinal: int) -> str:
    """Return the id of a claim's first, second, … association.

    It is the claim's own id with another prefix, so no index is needed to find the claim.
    """
    return f"{Kind.ASSOCIATION.prefix}{_body(claim_id)}{base32(ordinal, 1)}"


def slot_id(tenant_id: str, item_name: str) -> str:
    """Return the id of an item's slot, as the work queue names it."""
    return format_slot_id(ItemKeys(tenant_key(tenant_id), item_key(item_name)))


def format_slot_id(keys: ItemKeys) -> str:
    """Return the id of an item's slot by its keys."""
    return f"{Kind.SLOT.prefix}{keys.tenant}{keys.item}"


def format_tenant_settings_id(tenant_key: str) -> str:
    """Return the id of a tenant's settings, as the work queue names it."""
    return f"{Kind.TENANT_SETTINGS.prefix}{tenant_key}"


def format_mail_id(tenant_key: str, token_hash: str) -> str:
    """Return the id of a mail record: tenant key and the hash of the link token."""
    return f"{Kind.MAIL.prefix}{tenant_key}{token_hash}"


def new_nonce(random_bytes: RandomBytes) -> str:
    """Return 130 random bits."""
    return base32(int.from_bytes(random_bytes(17), "big"), SECRET)


def format_token(parts: TokenParts) -> str:
    """Return a link token."""
    number = base32(parts.key_number, KEY_NUMBER) if parts.check else ""
    return f"{parts.tenant}{parts.secret}{number}{parts.check}"


def format_boxed_mail_id(mail_id: str) -> str:
    """Return the id that a mail has in the sandbox's mailbox."""
    return f"{Kind.BOXED_MAIL.prefix}{_body(mail_id)}"


def format_task_id(claim_id: str) -> str:
    """Return the id of a claim's task in the review queue."""
    return f"{Kind.TASK.prefix}{_body(claim_id)}"


def format_outbox_id(claim_id: str) -> str:
    """Return the id of a claim's outbox, as the work queue names it."""
    return f"{Kind.OUTBOX.prefix}{_body(claim_id)}"


# --- Parse ---


def parse_claim_id(claim_id: str) -> ItemKeys | None:
    """Return the keys in the id of a claim, None for any other text."""
    parts = _split(Kind.CLAIM, claim_id, MOMENT + RANDOM, TENANT, ITEM)
    return ItemKeys(*parts[1:]) if parts else None


def parse_arbitration_id(case_id: str) -> ItemKeys | None:
    """Return the keys in the id of an arbitration case, None for any other text."""
    parts = _split(Kind.ARBITRATION, case_id, MOMENT + RANDOM, TENANT, ITEM)
    return ItemKeys(*parts[1:]) if parts else None


def parse_slot_id(slot_id: str) -> ItemKeys | None:
    """Return the keys in the id of an item's slot, None for any other text."""
    parts = _split(Kind.SLOT, slot_id, TENANT, ITEM)
    return ItemKeys(*parts) if parts else None


def parse_filing_id(filing_id: str) -> str | None:
    """Return the tenant key in the id of a filing, None for any other text."""
    parts = _split(Kind.FILING, filing_id, MOMENT + RANDOM, TENANT)
    return parts[1] if parts else None


def claim_prefix_of(filing_id: str) -> str:
    """Return how the ids of a filing's claims begin: they were made in the same millisecond."""
    return f"{Kind.CLAIM.prefix}{_body(filing_id)[:MOMENT]}"


def parse_tenant_settings_id(settings_id: str) -> str | None:
    """Return the tenant key in the id of a tenant's settings, None for any other text."""
    parts = _split(Kind.TENANT_SETTINGS, settings_id, TENANT)
    return parts[0] if parts else None


def parse_mail_id(mail_id: str) -> MailKeys | None:
    """Return the keys in the id of a mail, None for any other text."""
    parts = _split(Kind.MAIL, mail_id, TENANT, SECRET)
    return MailKeys(*parts) if parts else None


def parse_token(token: str) -> TokenParts | None:
    """Return the parts of a link token, None for a text that cannot be one."""
    if parts := _digits(token, TENANT, SECRET, KEY_NUMBER, CHECK):
        tenant, secret, number, check = parts
        return TokenParts(tenant, secret, parse_base32(number), check)
    if parts := _digits(token, TENANT, SECRET):
        tenant, secret = parts
        return TokenParts(tenant, secret)
    return None


def claim_of(association_id: str) -> str:
    """Return the id of the claim that an association belongs to."""
    return f"{Kind.CLAIM.prefix}{_body(association_id)[:-1]}"


def claim_of_task(task_id: str) -> str:
    """Return the id of the claim that a task in the review queue belongs to."""
    return f"{Kind.CLAIM.prefix}{_body(task_id)}"


def claim_of_outbox(outbox_id: str) -> str:
    """Return the id of the claim that an outbox belongs to."""
    return f"{Kind.CLAIM.prefix}{_body(outbox_id)}"


def list_event_ids(last_id: str, first: int) -> tuple[str, ...]:
    """Return the event ids of rows that were written together, from number `first` to the last."""
    stem, digits = last_id[:-EVENT_NUMBER], last_id[-EVENT_NUMBER:]
    last = parse_base32(digits)
    return tuple(f"{stem}{base32(number, EVENT_NUMBER)}" for number in range(first, last + 1))


def _moment(moment: datetime) -> str:
    """Return the digits of a moment. Before 1970 there are none, and those of 1970 are taken."""
    return base32(max(0, int(moment.timestamp() * 1000)), MOMENT)


def _body(some_id: str) -> str:
    return some_id.partition("_")[2]


def _split(kind: Kind, some_id: str, *lengths: int) -> tuple[str, ...]:
    """Return the parts of an id after its prefix, () when it is not such an id."""
    if not some_id.startswith(kind.prefix):
        return ()
    return _digits(_body(some_id), *lengths)


def _digits(text: str, *lengths: int) -> tuple[str, ...]:
    """Cut a text into parts of these lengths, () when it has others or other characters."""
    if len(text) != sum(lengths) or not set(text) <= set(ALPHABET):
        return ()
    parts, at = [], 0
    for length in lengths:
        parts.append(text[at : at + length])
        at += length
    return tuple(parts)
