"""Arbitrations: both parties for the programme, a partner's own side for a partner."""

from typing import Annotated, Literal, NotRequired

from chalicelib.web.api.response_models.base import OMITTED_WHEN_NONE, Shape, Timestamp
from chalicelib.web.api.response_models.claims import NamedItem, Proof

Outcome = Literal["won", "lost", "kept", "keeps_until_winner_active"]


class Statement(Shape):
    """`text` is null in the answer to an act that would be larger than 256 KB: read the case."""

    text: str | None
    evidence: list[Proof]
    at: Timestamp


class CaseQuestion(Shape):
    """`text` is null where that of a statement is."""

    text: str | None
    asked_at: Timestamp
    due_at: Timestamp


class Party(Shape):
    claim_id: str
    claim_ids: list[str]
    association_id: str | None
    organisation_id: str
    partner_name: NotRequired[Annotated[str | None, OMITTED_WHEN_NONE]]
    joined_at: Timestamp
    left_because: str | None
    statement: Statement | None
    statement_due_at: Timestamp
    questions: list[CaseQuestion]


class Verdict(Shape):
    """`outcome` is for a party: the programme sees who won.
    `kept`: nobody won against this holder, or the winner fell away. `keeps_until_winner_active`:
    the holder has lost and keeps the item until the winner's association is active.
    """

    winner: str | None
    reasons: dict[str, str]
    at: Timestamp
    outcome: NotRequired[Annotated[Outcome | None, OMITTED_WHEN_NONE]]


class Proposal(Shape):
    winner: str | None
    reasons: dict[str, str]
    by: str
    at: Timestamp


class Arbitration(Shape):
    """A party that has left sees the case as closed, and nothing of how it goes on.

    The answer to an act has no names.
    """

    id: str
    tenant_id: str
    customer_name: NotRequired[Annotated[str | None, OMITTED_WHEN_NONE]]
    item: NamedItem
    item_name: NotRequired[Annotated[str | None, OMITTED_WHEN_NONE]]
    state: Literal["open", "decided", "closed"]
    opened_at: Timestamp
    decision_due_at: Timestamp | None
    parties: list[Party]
    decision: Verdict | None
    proposal: Proposal | None
    version: int


class Arbitrations(Shape):
    data: list[Arbitration]
    next: str | None
