"""Every key of the one table, formatted here and nowhere else.

Everything of one customer lies under one partition key, so that a filing, a page or a decision is
one query. `tag` is `ids.tenant_key(tenant_id)`; the ids of claims, cases and comments end in it.
Text order of sort keys is the order they are read in.
"""

import hashlib
from datetime import UTC, datetime
from typing import NamedTuple

from chalicelib.domain.ids import digest

TABLE = ("pk", "sk")
INDEXES = {
    "due": ("d_pk", "d_sk"),
    "feed": ("f_pk", "f_sk"),
    "queue": ("q_pk", "q_sk"),
}  # attributes of their keys
SHARDS = (
    16  # of the due index: 1,000 write units a second per partition key (facts: DynamoDB limits)
)


class Key(NamedTuple):
    """Where a row lies."""

    pk: str
    sk: str


def tenant(tag: str) -> Key:
    return Key(slot(tag), "S")


def subscription(tag: str, it8: str) -> Key:
    """`it8`: `ids.item_key(Item(subscription_id=...).name)`."""
    return Key(slot(tag), f"S#{it8}")


def claim(tag: str, claim_id: str) -> Key:
    return Key(slot(tag), claim_id)


def task(tag: str, claim_id: str) -> Key:
    """That a claim waits for a person besides its review: a row of its own, for a place of its own
    in the queue.
    """
    return Key(slot(tag), f"tsk_{claim_id[4:]}")


def holder(tag: str, it8: str) -> Key:
    """The place of an item: who holds or claims it. `it8`: `ids.item_key` of the item's name."""
    return Key(slot(tag), f"P#{it8}")


def arbitration(tag: str, case_id: str) -> Key:
    return Key(slot(tag), case_id)


def member(owner: str, case_id: str) -> Key:
    """That a partner (or the `programme`) has a part in a case, for listing its cases."""
    return Key(f"A#{owner}", case_id)


def tenant_settings(tag: str) -> Key:
    """The customer's hand: lock and blocks. Sorted between links and places, so that a page is one
    range.
    """
    return Key(slot(tag), "M")


def history(tag: str, claim_id: str, seq: int) -> Key:
    return Key(slot(tag), f"{history_of(claim_id)}{seq:05d}")


def comment(tag: str, claim_id: str, comment_id: str) -> Key:
    return Key(slot(tag), f"{comments_of(claim_id)}{comment_id}")


def link(tag: str, token: str) -> Key:
    """A mail record, which is also a link: found by the token's hash, never by the token."""
    return Key(slot(tag), f"L#{token_hash(token)}")


def journal(tag: str, event_id: str) -> Key:
    return Key(slot(tag), f"J#{event_id}")


def figures(tag: str, item_name: str, month: str) -> Key:
    """`month`: `YYYY-MM`."""
    return Key(slot(tag), f"{figures_of(item_name)}{month}")


def domain(canonical: str) -> Key:
    return Key(f"D#{canonical}", "D")


def partner(organisation_id: str) -> Key:
    return Key(f"O#{organisation_id}", "O")


def evidence(evidence_id: str) -> Key:
    return Key(f"E#{evidence_id}", "E")


def use(sha256: str, tag: str) -> Key:
    """That a file with this content was used as proof for this tenant."""
    return Key(f"U#{sha256}", tag)


def receipt(organisation_id: str, idempotency_key: str) -> Key:
    hashed = hashlib.sha256(idempotency_key.encode()).hexdigest()
    return Key(f"I#{organisation_id}#{hashed}", "I")


def reviewer(sub: str) -> Key:
    return Key(f"R#{sub}", "R")


def counter(subject: str, window: str) -> Key:
    return Key(f"Q#{subject}#{window}", "Q")


def mailbox(mail_id: str) -> Key:
    return Key("MAILBOX", mail_id)


def clock() -> Key:
    return Key("CLOCK", "CLOCK")


def secret(name: str) -> Key:
    return Key("SECRET", name)


def slot(tag: str) -> str:
    """The partition key of everything that belongs to one tenant."""
    return f"T#{tag}"


def history_of(claim_id: str) -> str:
    """The prefix of a claim's history entries."""
    return f"H#{claim_id}#"


def comments_of(claim_id: str) -> str:
    """The prefix of a claim's comments."""
    return f"K#{claim_id}#"


def figures_of(item_name: str) -> str:
    """The prefix of an item's figures."""
    return f"F#{item_name}#"


def token_hash(token: str) -> str:
    """26 characters (130 bits) of the token's SHA-256, in base 32."""
    return digest(token, 26)


def id_of(pk: str, sk: str) -> str:
    """The id by which the worker knows a row that is due: its sort key, or for a place and a hand
    one made of both.
    """
    tag = pk.removeprefix("T#")
    if sk.startswith("P#"):
        return f"plc_{tag}{sk[2:]}"
    return f"hnd_{tag}" if sk == "M" else sk


def moment(when: datetime) -> str:
    """A moment in an index: always with milliseconds, so that text order is time order."""
    return when.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def shard(some_id: str) -> str:
    """Which of the 16 partitions of the due index an id's deadline lies in: `00` to `15`, evenly by
    hash.
    """
    return f"{hashlib.sha256(some_id.encode()).digest()[0] % SHARDS:02d}"


# partitions of one partner's event feed, read side by side: no partner's deadlines wait for one
# partition
FEEDS = 4
DESKS = 4  # partitions of the reviewers' queue, likewise


def claims_of(organisation_id: str) -> str:
    """Index `feed`: a partner's claims, by id and so by time."""
    return f"C#{organisation_id}"


def events_of(organisation_id: str, feed: int) -> str:
    """Index `feed`: one of the partitions of a partner's events, by event id and so by time."""
    return f"E#{organisation_id}#{feed}"


def feed_of(claim_id: str) -> int:
    """Which partition of its partner's events a claim's history is in; always the same one, so its
    order holds.
    """
    return int(shard(claim_id)) % FEEDS


def review_queue(number: int) -> str:
    """Index `queue`: what waits for a reviewer, by when it is due."""
    return f"W#{number}"


def review_queue_of(some_id: str) -> str:
    return review_queue(int(shard(some_id)) % DESKS)


def associations_of(organisation_id: str) -> str:
    """Index `queue`: a partner's associations. A claim that is decided leaves the reviewers' queue,
    so its row can stand here from then on without an index of its own.
    """
    return f"A#{organisation_id}"
