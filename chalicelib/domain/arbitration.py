"""A case of arbitration between partners who claim one item.

A case is derived from the item's slot: its parties are the contenders with proof. A party is a
partner with every claim it has in the case, since it may hold an item in several roles. The
incumbent is the party whose association holds the item.
"""

from datetime import datetime
from typing import Literal

from pydantic import Field

from chalicelib.domain.base import Frozen, Instant
from chalicelib.domain.evidence import Proof
from chalicelib.domain.item import Item
from chalicelib.domain.slot import CaseSchedule, Window
from chalicelib.domain.state_machines import Machine, Row

# Per party, including its answers to questions (domain.md, "Nothing a partner sends may stand in
# the way of anybody else's act").
MAX_STATEMENT = 10_000  # characters
# To one party. Its row holds them with its statement: at most 55 KB of the party's, and 16 KB for
# each question of 4,000 characters, of the 400 KB of a row (DynamoDB limits).
MAX_QUESTIONS = 10
PROGRAMME = "programme"  # the list index names the programme as a member of every case
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
    """A party's statement; the other parties never see it."""

    text: str
    evidence: tuple[Proof, ...] = ()
    at: Instant


class Question(Frozen):
    """A senior's question to one party. Without an answer in time, it is decided on file."""

    text: str
    asked_at: Instant
    due_at: Instant


class Party(Frozen):
    """A partner in a case.

    association_id: its association on the item, if it has one.
    incumbent: whether its association holds the item.
    hides_subscription: whether the subscription is still hidden from the partner.
    joined_at, statement_due_at: its window for a statement.
    left_because: why it is no longer a party; None while it is one.
    left_version: the version of the case with which it left; it cannot see later versions.
    words_rev: the `rev` of the case with which its statement and questions were last written to a
        row of their own; 0: they are in the case's row, as in cases that were stored before.
    """

    organisation_id: str
    claim_ids: tuple[str, ...]
    association_id: str | None = None
    incumbent: bool = False
    hides_subscription: bool = Field(default=False, alias="filled_in")
    joined_at: Instant
    statement_due_at: Instant
    statement: Statement | None = None
    questions: tuple[Question, ...] = ()
    left_because: str | None = None
    left_version: int | None = None
    words_rev: int = 0

    @property
    def ids(self) -> tuple[str, ...]:
        """The ids by which a decision may name this party."""
        return (*self.claim_ids, *((self.association_id,) if self.association_id else ()))

    def redact(self, words: bool, files: bool) -> "Party":
        """Return the party without its statement and questions, or without its files."""
        statement = self.statement and self.statement.evolve(
            **({"text": ""} if words else {}), **({"evidence": ()} if files else {})
        )
        return self.evolve(
            statement=statement,
            questions=tuple(q.evolve(text="") for q in self.questions) if words else self.questions,
        )

    def may_submit_statement(self, now: datetime) -> bool:
        """Return whether its window is open, for a statement or the answer to a question."""
        return now < self.statement_closes_at

    def is_heard(self, now: datetime) -> bool:
        """Return whether its window has ended, or it has sent what it was asked for."""
        return self.has_answered or not self.may_submit_statement(now)

    @property
    def has_answered(self) -> bool:
        """Whether it has made its statement, and answered every question."""
        said = self.statement
        return said is not None and all(q.asked_at <= said.at for q in self.questions)

    @property
    def statement_closes_at(self) -> datetime:
        """When its window closes: a question keeps it open until the answer is due."""
        return max([self.statement_due_at, *(q.due_at for q in self.questions)])


class Proposal(Frozen):
    """A senior's proposed decision.

    `winner` None: no claim is approved, and a holder keeps the item.
    """

    winner: str | None
    reasons: dict[str, str]
    by: str
    at: Instant


class Verdict(Frozen):
    """The decision of two seniors; `by` holds the `sub` of both, the proposer first."""

    winner: str | None
    reasons: dict[str, str]
    by: tuple[str, ...]
    at: Instant


class Arbitration(Frozen):
    """One case about one item.

    decision_due_at: when it is escalated, unless it is decided.
    proposal: the first senior's, while the case is open.
    proposers: the `sub` of each senior who proposed a decision; proposals are replaced or dropped.
    decision: once it is decided.
    version: counts what callers can see; it is the ETag.
    rev: counts writes.
    """

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
    proposers: tuple[str, ...] = ()
    decision: Verdict | None = None
    dispute: bool = False
    version: int = 0
    rev: int = 0

    @property
    def active_parties(self) -> tuple[Party, ...]:
        """The parties that have not left."""
        return tuple(p for p in self.parties if p.left_because is None)

    def is_conflict(self, related: frozenset[str]) -> bool:
        """Return whether any of these organisations is or was a party."""
        return any(party.organisation_id in related for party in self.parties)

    def find_party(self, organisation_id: str | None) -> Party | None:
        """Return the party of an organisation, also one that has left."""
        return next((p for p in self.parties if p.organisation_id == organisation_id), None)

    def get_version_for(self, organisation_id: str | None) -> int:
        """Return the version that an organisation sees; None: the programme."""
        party = self.find_party(organisation_id)
        has_left = party is not None and party.left_because is not None
        return (party.left_version or 0) if party and has_left else self.version

    def find_party_by_id(self, some_id: str) -> Party | None:
        """Return the active party that a claim's or an association's id belongs to."""
        return next((p for p in self.active_parties if some_id in p.ids), None)

    @property
    def schedule(self) -> CaseSchedule | None:
        """Its deadlines while it is open; they are copied into the slot for the claims to read."""
        windows = (
            Window(
                organisation_id=p.organisation_id,
                since=p.joined_at,
                until=p.statement_closes_at,
                has_answered=p.has_answered,
            )
            for p in self.active_parties
        )
        due = {"opened_at": self.opened_at, "decision_due_at": self.decision_due_at}
        return CaseSchedule(windows=tuple(windows), **due) if self.state == "open" else None

    def has_claim(self, claim_id: str) -> bool:
        """Return whether a claim is, or was, a party's."""
        return any(claim_id in party.claim_ids for party in self.parties)

    def redact(
        self, organisation_id: str, words: frozenset[str], files: frozenset[str]
    ) -> "Arbitration":
        """Return the case without a party's texts and files, when they are past their time.

        They go with the last of the party's claims; the reasons of the decision, and who decided,
        with the last claim of the last party.

        words, files: ids of the claims, of any party, whose texts, or files, are past their time.
        """
        after, party = self, self.find_party(organisation_id)
        if party:
            own = party.claim_ids
            redacted = party.redact(words.issuperset(own), files.issuperset(own))
            after = after.with_words(redacted) if redacted != party else after
        if not all(words.issuperset(p.claim_ids) for p in self.parties):
            return after
        bare = {"reasons": dict.fromkeys(REASONS, "")}
        return after.evolve(
            assignee=None,
            proposers=(),
            decision=self.decision and self.decision.evolve(by=(), **bare),
            proposal=self.proposal and self.proposal.evolve(by="", **bare),
        )

    def with_words(self, party: Party) -> "Arbitration":
        """Return the case with this party, after its statement or questions have changed."""
        return self.with_party(party.evolve(words_rev=self.rev + 1))

    def with_party(self, party: Party) -> "Arbitration":
        """Return the case with this party replacing the partner's, or added."""
        others = tuple(
            party if p.organisation_id == party.organisation_id else p for p in self.parties
        )
        return self.evolve(
            parties=others if self.find_party(party.organisation_id) else (*self.parties, party)
        )
