"""History: what happened to a claim, chained by hash.

A row's hash covers its public part, the salted hash of its private part and the hash before it. The
private part (people, their words, internal comments) can be deleted later and the chain still
verifies.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any, Literal, NamedTuple

from pydantic import Field

from chalicelib.domain.base import Frozen, Instant, rfc3339
from chalicelib.domain.ids import Kind, RandomBytes, event_ids, new_id
from chalicelib.domain.item import Item

ActorKind = Literal["partner", "customer", "reviewer", "time", "system", "operator"]
GENESIS = "0" * 64


class Actor(Frozen):
    """The actor of an act. Only `kind` is public."""

    kind: ActorKind
    sub: str | None = None
    name: str | None = None
    organisation_id: str | None = None


TIME = Actor(kind="time")
SYSTEM = Actor(kind="system")


class Act(Frozen):
    """An act of a step, before it gets a number and a hash.

    act: the type of the event that partners receive.
    moves: machine → (from, to).
    reasons: public codes.
    facts: further public facts; `told` in stored rows and in api.md.
    private: words and people; only their salted hash is public.
    """

    act: str
    actor: Actor
    moves: dict[str, tuple[str, str]] = {}
    reasons: tuple[str, ...] = ()
    facts: dict[str, str] = Field(default={}, alias="told")
    private: dict[str, str] = {}


class Subject(Frozen):
    """The subject of a row: the claim's fields after the act, as its partner may see them.

    item: without a subscription that the service filled in, until the claim is approved.
    association_id: the newest association, if any was made.
    arbitration_id: the case that the act was part of.
    version: of the claim.
    country: the customer's, if it is known. Insights are split by it; events do not show it.
    """

    filing_id: str
    organisation_id: str
    tenant_id: str
    location_id: str | None = None
    item: Item
    solution_area: str
    partner_role: str
    external_reference: str | None = None
    association_id: str | None = None
    arbitration_id: str | None = None
    version: int
    country: str | None = None


class Entry(Frozen):
    """One row of a claim's history; the fields of the act are those of `Act`.

    seq: its number within the claim, from 1.
    private_hash: the salted hash of the private part.
    previous_hash, hash: the chain.
    salt, private: None once the private part has been deleted.
    subject: what its event is about. It is not part of the chain: a partner's own reference can be
        deleted. None in rows that were written before.
    """

    id: str
    claim_id: str
    seq: int
    at: Instant
    actor: ActorKind
    act: str
    moves: dict[str, tuple[str, str]] = {}
    reasons: tuple[str, ...] = ()
    facts: dict[str, str] = Field(default={}, alias="told")
    private_hash: str
    previous_hash: str
    hash: str
    salt: str | None = None
    private: dict[str, str] | None = None
    subject: Subject | None = None

    def to_public(self) -> dict[str, Any]:
        """Return the row as a partner sees it (api.md, "history row"), as its hash covers it.

        Rows written before all moments had milliseconds spell a whole second without them.
        """
        public = self._describe(rfc3339(self.at))
        if self.hash and not self.at.microsecond and hash_row(public) != self.hash:
            return public | {"at": public["at"].replace(".000Z", "Z")}
        return public

    def _describe(self, at: str) -> dict[str, Any]:
        before, after = self.moves.get("claim", (None, None))
        return {
            "seq": self.seq,
            "at": at,
            "actor": {"kind": self.actor},
            "act": self.act,
            "from": before,
            "to": after,
            "moves": {k: list(v) for k, v in self.moves.items()},
            "reasons": list(self.reasons),
            "told": self.facts,
            "private_hash": self.private_hash,
            "hash": self.hash,
            "previous_hash": self.previous_hash,
            "id": self.id,
            "claim_id": self.claim_id,
        }


class EventKey(NamedTuple):
    """The location of an event: its claim, and the number of the first row written with it."""

    id: str
    claim_id: str
    first: int


class NewComment(Frozen):
    """A comment that a step adds, before it gets a time.

    id: its id, if it must be known beforehand; otherwise one is generated when it is written.
    by: the kind of the author.
    author: the author's name; None: the service itself.
    internal: for the reviewers only.
    """

    id: str | None = None
    by: ActorKind
    author: str | None = None
    text: str
    internal: bool = False

    def add_to(self, claim_id: str, now: datetime, random_bytes: RandomBytes) -> "Comment":
        """Return the comment as it is stored in a claim's thread."""
        return Comment(
            id=self.id or new_id(Kind.COMMENT, now, random_bytes),
            claim_id=claim_id,
            at=now,
            by=self.by,
            author=self.author,
            text=self.text,
            internal=self.internal,
        )


class Comment(Frozen):
    """A comment of a claim's thread.

    `internal`: for the reviewers only. Partners see "reviewer", not who.
    """

    id: str
    claim_id: str
    at: Instant
    by: ActorKind
    author: str | None = None
    text: str
    internal: bool = False


def encode_canonical(value: Any) -> bytes:
    """Encode as canonical JSON: sorted keys, no spaces, UTF-8."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def hash_private(salt: str, private: dict[str, str]) -> str:
    """Hash a private part with a salt, because a name is easily guessed."""
    return hashlib.sha256(salt.encode() + encode_canonical(private)).hexdigest()


def hash_row(public: dict[str, Any]) -> str:
    """Hash a public row (`Entry.to_public`), over everything but the hash itself."""
    return hashlib.sha256(
        encode_canonical({k: v for k, v in public.items() if k != "hash"})
    ).hexdigest()


def chain_entries(
    acts: Iterable[Act],
    claim_id: str,
    seq: int,
    head: str,
    now: datetime,
    random_bytes: RandomBytes,
) -> tuple[Entry, ...]:
    """Return the acts as rows that follow row `seq`, whose hash is `head`.

    Their ids share moment and random digits and end in the row's number, so rows that are written
    together sort together, in order.
    """
    rows: list[Entry] = []
    event_id = event_ids(now, random_bytes)
    for act in acts:
        seq += 1
        row = Entry(
            id=event_id(seq),
            claim_id=claim_id,
            seq=seq,
            at=now,
            previous_hash=head,
            hash="",
            **_describe(act, salt=random_bytes(16).hex()),
        )
        row = row.evolve(hash=hash_row(row.to_public()))
        head = row.hash
        rows.append(row)
    return tuple(rows)


def find_faults(rows: list[dict[str, Any]]) -> list[str]:
    """Return the faults in a chain of public rows, each with the number of its row.

    A private part that is present (`private` with `salt`) is checked too; one that was deleted is
    no fault.
    """
    return [fault for _, fault in _list_faults(rows)]


def find_faulty_rows(rows: list[dict[str, Any]]) -> frozenset[int]:
    """Return the numbers (`seq`) of the rows with a fault (see `find_faults`)."""
    return frozenset(seq for seq, _ in _list_faults(rows))


def _list_faults(rows: list[dict[str, Any]]) -> Iterator[tuple[int, str]]:
    head = GENESIS
    for number, row in enumerate(rows, start=1):
        public = {k: v for k, v in row.items() if k not in {"private", "salt"}}
        seq = row["seq"]
        if seq != number:
            yield seq, f"row {seq} stands where row {number} belongs"
        if row["previous_hash"] != head:
            yield seq, f"row {seq} does not follow the row before it"
        if row["hash"] != hash_row(public):
            yield seq, f"row {seq} was changed"
        if row.get("private") is not None and row["private_hash"] != hash_private(
            row["salt"], row["private"]
        ):
            yield seq, f"row {seq}: the private part was changed"
        head = row["hash"]


def _describe(act: Act, salt: str) -> dict[str, Any]:
    """Return the fields of a row that follow from the act."""
    people = {"sub": act.actor.sub, "name": act.actor.name}
    private = {name: text for name, text in people.items() if text} | act.private
    return {
        "actor": act.actor.kind,
        "act": act.act,
        "moves": act.moves,
        "reasons": act.reasons,
        "facts": act.facts,
        "private_hash": hash_private(salt, private),
        "salt": salt,
        "private": private,
    }
