"""The request and the result of the unit of work."""

from collections.abc import Callable
from dataclasses import dataclass

from chalicelib.domain.claim import Claim, Outcome
from chalicelib.domain.deadlines import StepContext
from chalicelib.domain.directory import TenantSubscriptions
from chalicelib.domain.item import Item
from chalicelib.domain.slot import Slot
from chalicelib.usecases.idempotency import StoredResponse
from chalicelib.usecases.request import Conditions

Step = Callable[[Claim, Slot, StepContext], Outcome]
Render = Callable[[Claim, Slot, StepContext], StoredResponse]


@dataclass(frozen=True)
class Preloaded:
    """A case that has just been read: the first attempt need not read it again.

    Attributes:
        claim: the claim.
        slot: its item's slot; None: not stored yet.
        subscriptions: the tenant's subscriptions; None: not looked up.
    """

    claim: Claim
    slot: Slot | None
    subscriptions: TenantSubscriptions | None = None


@dataclass(frozen=True)
class DecisionRequest:
    """One decision on one claim.

    Attributes:
        claim_id: the claim.
        step: what is decided: a pure function of the claim, its slot and the moment.
        conditions: when, and depending on what.
        owner: the organisation that the claim must belong to; a foreign claim looks unknown.
        reviewer: the `sub` of a reviewer, who must not be related to the claim's partner or to a
            rival; drafts look unknown to reviewers.
        association_id: the association that the claim must have led to.
        looks_up_item: whether the step needs a fresh look-up of the item.
        reads_settings: whether silence may be counted, so that what the customer has recorded for
            the tenant is read with the claim.
        item: the item that the claim will be about, when the step changes it.
        preloaded: what has been read already.
        notifies: whether the caller sends the claim's notifications itself, so that the worker need
            not be asked to.
    """

    claim_id: str
    step: Step
    conditions: Conditions
    owner: str | None = None
    reviewer: str | None = None
    association_id: str | None = None
    looks_up_item: bool = False
    reads_settings: bool = False
    item: Item | None = None
    preloaded: Preloaded | None = None
    notifies: bool = False


@dataclass(frozen=True)
class Decided:
    """A case after a decision. `response` is there when one was rendered."""

    claim: Claim
    slot: Slot
    response: StoredResponse | None = None
