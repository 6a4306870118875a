"""What reviewers do: each a decision on one claim."""

from dataclasses import replace
from datetime import datetime

from chalicelib.domain.claim import Claim
from chalicelib.domain.history import Actor
from chalicelib.domain.refusals import Forbidden, NotFound
from chalicelib.domain.steps import reviewer as steps
from chalicelib.ports import World

from .callers import Caller
from .deciding import Asked, Decided, decide

QUESTION_CODES = (
    "poe_missing_or_wrong_file", "poe_customer_acknowledgement_missing", "poe_date_missing", "poe_date_too_old",
    "poe_service_description_missing", "poe_item_missing", "poe_tenant_mismatch", "poe_signature_unverifiable",
    "poe_public_sector_disclosure_missing", "poe_unavailable",
)
REJECTION_CODES = (*QUESTION_CODES, "insufficient_poe", "partner_request", "fraud", "duplicate")


def assign(world: World, by: Caller, claim_id: str, to: str, name: str, now: datetime, asked: Asked) -> Decided:
    """Gives the case to a person; only a senior may name somebody else."""
    if to != by.sub and not by.senior:
        raise Forbidden("senior_needed")
    return decide(world, claim_id, lambda c, p, r: steps.assign(c, actor(by), to, name), now, reviewed(by, asked))


def start(world: World, by: Caller, claim_id: str, now: datetime, asked: Asked) -> Decided:
    """Takes the case up."""
    return decide(world, claim_id, lambda c, p, r: steps.start(c, actor(by)), now, reviewed(by, asked))


def ask(world: World, by: Caller, claim_id: str, codes: tuple[str, ...], message: str, now: datetime, asked: Asked) -> Decided:
    """Asks the partner for information."""
    return decide(world, claim_id, lambda c, p, r: steps.ask(c, actor(by), r, codes, message, by.senior), now, reviewed(by, asked))


def approve(world: World, by: Caller, claim_id: str, message: str, now: datetime, asked: Asked) -> Decided:
    """Approves; contested by another partner, the claim goes to arbitration instead. Looks the item up meanwhile."""
    return decide(
        world, claim_id,
        lambda c, p, r: steps.approve(c, actor(by), r, p.contested_for(c.organisation_id), message),
        now, replace(reviewed(by, asked), looking=True),
    )


def reject(world: World, by: Caller, claim_id: str, codes: tuple[str, ...], message: str, now: datetime, asked: Asked) -> Decided:
    """Rejects, with codes."""
    return decide(world, claim_id, lambda c, p, r: steps.reject(c, actor(by), r, codes, message), now, reviewed(by, asked))


def take_next(world: World, by: Caller, now: datetime, asked: Asked) -> Decided:
    """Starts the case that runs out first and that nobody has taken up. Raises NotFound when there is none."""
    after: str | None = None
    while True:
        claims, after = world.store.queue(after, 25)
        for claim in claims:
            if isinstance(claim, Claim) and claim.status == "submitted":
                return start(world, by, claim.id, now, asked)
        if after is None:
            raise NotFound("queue_empty")


def actor(by: Caller) -> Actor:
    """A reviewer as the actor of a step."""
    return Actor(kind="reviewer", sub=by.sub, name=by.name)


def reviewed(by: Caller, asked: Asked) -> Asked:
    """What reviewers may act on: everything that has been submitted, but of no partner they are related to."""
    return replace(asked, allowed=_submitted, decider=by.sub)


def _submitted(claim: Claim) -> None:
    """A partner's draft is its own."""
    if claim.submitted_at is None:
        raise NotFound()


