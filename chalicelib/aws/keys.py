"""Format and parse every key of the one table.

No other module knows a prefix of a key, except the other `*_keys` modules, each for one kind of
rows.

Everything about one customer is stored under one partition key: a filing, a page or a decision is
one query. Text order of sort keys is the order of reading. Keys are stored and never change.
"""

import hashlib
from datetime import datetime
from typing import NamedTuple

from chalicelib.domain import ids
from chalicelib.domain.base import rfc3339
from chalicelib.domain.ids import ItemKeys, Kind

TABLE = ("pk", "sk")
# Names of the key attributes of each index.
INDEXES = {
    "due": ("d_pk", "d_sk"),
    "feed": ("f_pk", "f_sk"),
    "queue": ("q_pk", "q_sk"),
}
# Partitions of the due index. DynamoDB admits 1,000 write units a second per partition key
# ("Service, account, and table quotas").
SHARDS = 16
FEED_PARTITIONS = 4  # partitions of one partner's events, read in parallel
REVIEW_PARTITIONS = 4  # partitions of the review queue, read in parallel

# Bounds of a range of sort keys: below and above everything that is stored.
LOWEST, HIGHEST = "!", "~"

# Prefixes of the sort keys of a tenant's records.
ARBITRATIONS = Kind.ARBITRATION.prefix
CLAIMS = Kind.CLAIM.prefix
COMMENTS = "K#"
FIGURES = "F#"
HISTORY = "H#"
JOURNAL = "J#"
MAILS = "L#"
SETTINGS = "M"
SLOTS = "P#"
TENANT = "S"
SUBSCRIPTIONS = "S#"
# A range that is read in one query: settings, slots and the tenant.
CUSTOMER_PAGE = (SETTINGS, TENANT)

PARTITION = "T#"  # prefix of the partition key of a tenant's records
PARTNERS = "O"  # index `feed`: the partition of all partners of the operator's feed
REVIEWERS = "R"  # index `feed`: the partition of all reviewers of the operator's feed
HISTORY_KEYS = "HISTORY-KEYS"  # the partition of the public keys that bundles were signed with


class Key(NamedTuple):
    """The key of a row."""

    pk: str
    sk: str


class MalformedId(ValueError):
    """A record was to be read or written by an id that is not of its kind."""


def tenant_partition(tenant_key: str) -> str:
    """The partition key of everything that belongs to one tenant."""
    return f"{PARTITION}{tenant_key}"


def tenant(tenant_key: str) -> Key:
    """A tenant in the operator's feed."""
    return Key(tenant_partition(tenant_key), TENANT)


def subscription(tenant_key: str, item_key: str) -> Key:
    """A subscription in the operator's feed. `item_key`: of the item with only its id."""
    return Key(tenant_partition(tenant_key), f"{SUBSCRIPTIONS}{item_key}")


def claim(claim_id: str) -> Key:
    """A claim."""
    return Key(_claim_partition(claim_id), claim_id)


def task(claim_id: str) -> Key:
    """A task of a claim besides its review: a row of its own, so that both are in the queue."""
    return Key(_claim_partition(claim_id), ids.format_task_id(claim_id))


def history(claim_id: str, seq: int) -> Key:
    """The history rows that begin with number `seq`."""
    start = history_of(claim_id)
    return Key(start.pk, f"{start.sk}{seq:05d}")


def history_of(claim_id: str) -> Key:
    """The prefix of the keys of a claim's history rows."""
    return Key(_claim_partition(claim_id), f"{HISTORY}{claim_id}#")


def parse_history(sk: str) -> tuple[str, int]:
    """The claim and the first number of history rows."""
    return sk.split("#")[1], int(sk.split("#")[2])


def comment(claim_id: str, comment_id: str) -> Key:
    """A comment on a claim."""
    start = comments_of(claim_id)
    return Key(start.pk, f"{start.sk}{comment_id}")


def comments_of(claim_id: str) -> Key:
    """The prefix of the keys of a claim's comments."""
    return Key(_claim_partition(claim_id), f"{COMMENTS}{claim_id}#")


def arbitration(case_id: str) -> Key:
    """An arbitration case."""
    item = ids.parse_arbitration_id(case_id)
    if item is None:
        raise MalformedId(case_id)
    return Key(tenant_partition(item.tenant), case_id)


def slot(item: ItemKeys) -> Key:
    """The slot of an item: who holds it and who claims it."""
    return Key(tenant_partition(item.tenant), f"{SLOTS}{item.item}")


def tenant_settings(tenant_key: str) -> Key:
    """A customer's settings for the tenant."""
    return Key(tenant_partition(tenant_key), SETTINGS)


def mail(mail_id: str) -> Key:
    """A mail record, which is also the link in the mail."""
    parts = ids.parse_mail_id(mail_id)
    if parts is None:
        raise MalformedId(mail_id)
    return Key(tenant_partition(parts.tenant), f"{MAILS}{parts.token_hash}")


def journal(tenant_key: str, row_id: str) -> Key:
    """A row of a customer's access journal."""
    return Key(tenant_partition(tenant_key), f"{JOURNAL}{row_id}")


def figures(tenant_key: str, item_name: str, month: str) -> Key:
    """The figures of an item in a month (`YYYY-MM`)."""
    return Key(tenant_partition(tenant_key), f"{FIGURES}{item_name}#{month}")


def _claim_partition(claim_id: str) -> str:
    item = ids.parse_claim_id(claim_id)
    if item is None:
        raise MalformedId(claim_id)
    return tenant_partition(item.tenant)


def arbitration_member(owner: str, case_id: str) -> Key:
    """That a partner, or the `programme`, lists an arbitration among its cases."""
    return Key(arbitrations_of(owner), case_id)


def arbitrations_of(owner: str) -> str:
    """The partition of the cases of a partner, or of the `programme`."""
    return f"A#{owner}"


def domain(normalized: str) -> Key:
    """A domain in the operator's feed."""
    return Key(f"D#{normalized}", "D")


def partner(organisation_id: str) -> Key:
    """A partner organisation in the operator's feed."""
    return Key(f"O#{organisation_id}", "O")


def reviewer(sub: str) -> Key:
    """A reviewer's relations to partners in the operator's feed."""
    return Key(f"R#{sub}", "R")


def evidence(evidence_id: str) -> Key:
    """The record of an evidence file."""
    return Key(f"E#{evidence_id}", "E")


def evidence_use(sha256: str, tenant_key: str) -> Key:
    """That a file with this content was used as evidence for this tenant."""
    return Key(evidence_uses(sha256), tenant_key)


def evidence_uses(sha256: str) -> str:
    """The partition of the tenants that files with this content were used for."""
    return f"U#{sha256}"


def receipt(owner: str, idempotency_key: str) -> Key:
    """The response that was given to an idempotency key."""
    hashed = hashlib.sha256(idempotency_key.encode()).hexdigest()
    return Key(f"I#{owner}#{hashed}", "I")


def counter(subject: str, window: str) -> Key:
    """The count of a subject in a window of time."""
    return Key(f"Q#{subject}#{window}", "Q")


def additions(subject: str) -> Key:
    """The version of a collection whose size is limited."""
    return Key(f"X#{subject}", "X")


# --- Indexes ---


def moment(when: datetime) -> str:
    """A moment in an index: always with milliseconds, so that text order is time order."""
    return rfc3339(when)


def shard(some_id: str) -> str:
    """The partition of the due index that an id belongs to: `00` to `15`, evenly by hash."""
    return f"{_spread(some_id):02d}"


def shards() -> tuple[str, ...]:
    """All partitions of the due index."""
    return tuple(f"{number:02d}" for number in range(SHARDS))


def due_id(pk: str, sk: str) -> str:
    """The id of a row of the due index, as the work queue names it.

    It is the sort key, except for slots and tenant settings, whose id holds the tenant key too.
    """
    tenant_key = pk.removeprefix(PARTITION)
    if sk.startswith(SLOTS):
        return ids.format_slot_id(ItemKeys(tenant_key, sk.removeprefix(SLOTS)))
    return ids.format_tenant_settings_id(tenant_key) if sk == SETTINGS else sk


def claims_of(organisation_id: str) -> str:
    """Index `feed`: a partner's claims, in the order of their ids and so of time."""
    return f"C#{organisation_id}"


def events_of(organisation_id: str, number: int) -> str:
    """Index `feed`: one partition of a partner's events, in the order of their ids."""
    return f"E#{organisation_id}#{number}"


def event_partition(organisation_id: str, claim_id: str) -> str:
    """Index `feed`: the partition of a claim's events. It never changes, so they stay in order."""
    return events_of(organisation_id, _spread(claim_id) % FEED_PARTITIONS)


def review_queue(number: int) -> str:
    """Index `queue`: one partition of what waits for a reviewer, in the order of due dates."""
    return f"W#{number}"


def review_partition(some_id: str) -> str:
    """Index `queue`: the partition of a claim, task or case that waits for a reviewer."""
    return review_queue(_spread(some_id) % REVIEW_PARTITIONS)


def position(at: datetime, some_id: str) -> str:
    """Index `queue` and the mailbox: the position of a row in its partition, by time."""
    return f"{moment(at)}#{some_id}"


def case_in_review(sk: str) -> Key:
    """The claim or the case behind a row of the review queue."""
    kind = ids.kind_of(sk)
    if kind is Kind.ARBITRATION:
        return arbitration(sk)
    return claim(ids.claim_of_task(sk) if kind is Kind.TASK else sk)


def associations_of(organisation_id: str) -> str:
    """Index `queue`: a partner's associations. A decided claim has left the review queue."""
    return f"A#{organisation_id}"


def drafts_of(organisation_id: str, tenant_key: str) -> str:
    """Index `queue`: a partner's drafts for a tenant. A draft waits for no reviewer."""
    return f"D#{organisation_id}#{tenant_key}"


def _spread(some_id: str) -> int:
    """A number below `SHARDS`, evenly by hash."""
    return hashlib.sha256(some_id.encode()).digest()[0] % SHARDS
