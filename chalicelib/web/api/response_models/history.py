"""What happened to a claim and what was said about it."""

from typing import Literal

from typing_extensions import TypedDict

from chalicelib.domain.history import ActorKind
from chalicelib.web.api.response_models.associations import Association
from chalicelib.web.api.response_models.base import Hash, Shape, Timestamp
from chalicelib.web.api.response_models.claims import Claim, Proof, Status

# The status before an act; there was none before a claim was made.
PreviousStatus = Status | Literal["none"]
# `from` is a keyword of Python, so the members of a move are declared by a call.
Move = TypedDict("Move", {"from": PreviousStatus | None, "to": Status | None})


class NamedActor(Shape):
    kind: ActorKind
    name: str | None


class Comment(Shape):
    id: str
    at: Timestamp
    by: NamedActor
    text: str


class ThreadComment(Comment):
    visibility: Literal["internal", "partner"]


class Comments(Shape):
    data: list[Comment]
    next: str | None


class HistoryActor(Shape):
    kind: ActorKind


class HistoryRow(Move, Shape):
    seq: int
    at: Timestamp
    actor: HistoryActor
    act: str
    moves: dict[str, list[str]]
    reasons: list[str]
    told: dict[str, str]
    private_hash: Hash
    hash: Hash
    previous_hash: Hash
    id: str
    claim_id: str


class WholeHistoryRow(HistoryRow):
    salt: str | None
    private: dict[str, str] | None


class History(Shape):
    data: list[HistoryRow]
    next: str | None


class SealedProof(Proof):
    object_version: str | None


class UnsignedBundle(Shape):
    format: Literal["cpor-bundle/2"]
    made_at: Timestamp
    claim: Claim
    association: Association | None
    history: list[HistoryRow]
    head: Hash
    comments: list[Comment]
    evidence: list[SealedProof]


class Bundle(UnsignedBundle):
    signature: str
