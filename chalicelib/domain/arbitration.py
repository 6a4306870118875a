"""A case between partners who claim one item. The case follows from the item's place: who stands in
it, with proof.

A party is a partner, with every claim it has in the case (it may hold an item in several roles);
the partner's first claim names it. The incumbent is the party whose association holds the item.
"""

from datetime import datetime
from typing import Literal

from chalicelib.domain.base import Frozen, Instant
from chalicelib.domain.evidence import Proof
from chalicelib.domain.item import Item
from chalicelib.domain.slot import CaseSchedule, Window
from chalicelib.domain.state_machines import Machine, Row

REASONS = ("coverage", "recency", "customer", "continuity")

ARBITRATION = Machine(
    "arbitration",
    "open",
    (
        Row("open", "propose", "a senior", "open"),
        Row("open", "confirm", "a second senior", "decided"),
        Row("open", "settle", "system", "closed"),
    ),
)


class Statement(Frozen):
    """What a party says for itself; sealed from the other parties."""

    text: str
    evidence: tuple[Proof, ...] = ()
    at: Instant


class Question(Frozen):
    """A senior's question to one party. Not answered in time: decided on file."""

    text: str
    asked_at: Instant
    due_at: Instant


class Party(Frozen):
    """A partner in a case. `left_because`: it is out, as its claims ended otherwise. `filled_in`:
    the service found the subscription, the partner has not been shown it yet.
    """

    organisation_id: str
    claim_ids: tuple[str, ...]
    association_id: str | None = None
    incumbent: bool = False
    filled_in: bool = False
    joined_at: Instant
    statement_due_at: Instant
    statement: Statement | None = None
    questions: tuple[Question, ...] = ()
    left_because: str | None = None

    @property
    def ids(self) -> tuple[str, ...]:
        """The ids by which a decision may name this party."""
        return (*self.claim_ids, *((self.association_id,) if self.association_id else ()))

    def redact(self, words: bool, files: bool) -> "Party":
        """Without what it said and was asked, or without its files."""
        said = self.statement and self.statement.evolve(
            **({"text": ""} if words else {}), **({"evidence": ()} if files else {})
        )
        return self.evolve(
            statement=said,
            questions=tuple(q.evolve(text="") for q in self.questions) if words else self.questions,
        )

    def may_submit_statement(self, now: datetime) -> bool:
        """Whether its window is open: for its statement, or for the answer to a question."""
        return now < self.statement_closes_at

    @property
    def statement_closes_at(self) -> datetime:
        return max([self.statement_due_at, *(q.due_at for q in self.questions)])


class Proposal(Frozen):
    """What one senior proposes, or two have decided. `winner` None: nobody; a holder stays."""

    winner: str | None
    reasons: dict[str, str]
    by: str
    at: Instant


class Verdict(Frozen):
    winner: str | None
    reasons: dict[str, str]
    by: tuple[str, ...]
    at: Instant


class Arbitration(Frozen):
    """One case over one item."""

    schema_version: int = 1
    id: str
    tenant_id: str
    item: Item
    state: Literal["open", "decided", "closed"] = "open"
    opened_at: Instant
    parties: tuple[Party, ...]
    decision_due_at: Instant
    escalated: bool = False
    assignee: str | None = None
    proposal: Proposal | None = None
    decision: Verdict | None = None
    dispute: bool = False
    version: int = 0
    rev: int = 0

    @property
    def active_parties(self) -> tuple[Party, ...]:
        """The parties that are still in it."""
        return tuple(p for p in self.parties if p.left_because is None)

    def find_party(self, organisation_id: str | None) -> Party | None:
        return next((p for p in self.parties if p.organisation_id == organisation_id), None)

    def find_party_by_id(self, some_id: str) -> Party | None:
        """The party that still stands and is meant by a claim's or an association's id."""
        return next((p for p in self.active_parties if some_id in p.ids), None)

    @property
    def schedule(self) -> CaseSchedule | None:
        """Its times while it is open, for the place to tell."""
        windows = (
            Window(
                organisation_id=p.organisation_id, since=p.joined_at, until=p.statement_closes_at
            )
            for p in self.active_parties
        )
        due = {"opened_at": self.opened_at, "decision_due_at": self.decision_due_at}
        return CaseSchedule(windows=tuple(windows), **due) if self.state == "open" else None

    def has_claim(self, claim_id: str) -> bool:
        """Whether a claim is, or was, some party's."""
        return any(claim_id in party.claim_ids for party in self.parties)

    def redact(self, words: frozenset[str], files: frozenset[str]) -> "Arbitration":
        """Without what belongs to claims whose time is over: each party's words and files with the
        last of its claims, the decision's reasons and who decided with the last party's. `words`,
        `files`: ids of those claims.
        """
        parties = tuple(
            p.redact(words.issuperset(p.claim_ids), files.issuperset(p.claim_ids))
            for p in self.parties
        )
        after = self.evolve(parties=parties)
        if not all(words.issuperset(p.claim_ids) for p in parties):
            return after
        bare = {"reasons": dict.fromkeys(REASONS, "")}
        return after.evolve(
            assignee=None,
            decision=self.decision and self.decision.evolve(by=(), **bare),
            proposal=self.proposal and self.proposal.evolve(by="", **bare),
        )

    def with_party(self, party: Party) -> "Arbitration":
        """With this party in the place of the one of the same partner, or added."""
        others = tuple(
            party if p.organisation_id == party.organisation_id else p for p in self.parties
        )
        return self.evolve(
            parties=others if self.find_party(party.organisation_id) else (*self.parties, party)
        )
