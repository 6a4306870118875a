"""What reviewers do: each a decision on one claim."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from chalicelib.domain.claim import Claim, Outcome
from chalicelib.domain.deadlines import StepContext
from chalicelib.domain.findings import Finding
from chalicelib.domain.history import Actor
from chalicelib.domain.ids import claim_of
from chalicelib.domain.refusals import Forbidden, Invalid, NotFound, WrongState
from chalicelib.domain.slot import Slot
from chalicelib.domain.steps import association as associations
from chalicelib.domain.steps import reviewer as steps
from chalicelib.ports import Services
from chalicelib.usecases.callers import Caller
from chalicelib.usecases.comments import said
from chalicelib.usecases.idempotency import StoredResponse, find_concurrent_response
from chalicelib.usecases.unit_of_work import Asked, Decided, decide

QUESTION_CODES = (
    "poe_missing_or_wrong_file",
    "poe_customer_acknowledgement_missing",
    "poe_date_missing",
    "poe_date_too_old",
    "poe_service_description_missing",
    "poe_item_missing",
    "poe_tenant_mismatch",
    "poe_signature_unverifiable",
    "poe_public_sector_disclosure_missing",
    "poe_unavailable",
)
REJECTION_CODES = (*QUESTION_CODES, "insufficient_poe", "partner_request", "fraud", "duplicate")


def assign(
    services: Services, by: Caller, claim_id: str, to: str, name: str, now: datetime, asked: Asked
) -> Decided:
    """Gives the case to a person; only a senior may name somebody else, and nobody who is related
    to the partner.
    """
    if to != by.sub and not by.senior:
        raise Forbidden("senior_needed")
    related = services.partners.related(to) if to != by.sub else frozenset()

    def step(c: Claim, p: Slot, ctx: StepContext) -> Outcome:
        if c.organisation_id in related:
            raise Forbidden("conflict_of_interest")
        return steps.assign(c, actor(by), to, name)

    return decide(services, claim_id, step, now, reviewed(by, asked))


def start(services: Services, by: Caller, claim_id: str, now: datetime, asked: Asked) -> Decided:
    """Takes the case up."""
    return decide(
        services,
        claim_id,
        lambda c, p, r: steps.start_review(c, actor(by)),
        now,
        reviewed(by, asked),
    )


def ask(
    services: Services,
    by: Caller,
    claim_id: str,
    codes: tuple[str, ...],
    message: str,
    now: datetime,
    asked: Asked,
) -> Decided:
    """Asks the partner for information; the question is a comment in the thread, too."""
    thread = replace(
        _deciding(by, asked), comments=lambda c: (said(services, by, c.id, message, now),)
    )
    return decide(
        services,
        claim_id,
        lambda c, p, r: steps.request_info(c, actor(by), r, codes, message, by.senior),
        now,
        thread,
    )


def approve(
    services: Services, by: Caller, claim_id: str, message: str, now: datetime, asked: Asked
) -> Decided:
    """Approves; contested by another partner, the claim goes to arbitration instead. Looks the item
    up meanwhile.
    """
    return decide(
        services,
        claim_id,
        lambda c, p, r: steps.approve(
            c, actor(by), r, p.is_contested_for(c.organisation_id), message
        ),
        now,
        replace(_deciding(by, asked), looking=True),
    )


def reject(
    services: Services,
    by: Caller,
    claim_id: str,
    codes: tuple[str, ...],
    message: str,
    now: datetime,
    asked: Asked,
) -> Decided:
    """Rejects, with codes."""
    return decide(
        services,
        claim_id,
        lambda c, p, r: steps.reject(c, actor(by), r, codes, message),
        now,
        _deciding(by, asked),
    )


def decide_dispute(
    services: Services,
    by: Caller,
    claim_id: str,
    outcome: str,
    codes: tuple[str, ...],
    message: str,
    now: datetime,
    asked: Asked,
) -> Decided:
    """Answers a dispute: upheld, rejected, or with a question."""

    def step(c: Claim, p: Slot, ctx: StepContext) -> Outcome:
        if c.status != "disputed":
            raise WrongState(status=c.status, event="decide_dispute")
        if outcome == "approve":
            return steps.approve(c, actor(by), ctx, p.is_contested_for(c.organisation_id), message)
        if not codes:
            raise Invalid([Finding(code="missing", pointer="/codes")])
        return (
            steps.reject(c, actor(by), ctx, codes, message)
            if outcome == "reject"
            else steps.request_info(c, actor(by), ctx, codes, message, by.senior)
        )

    thread = replace(reviewed(by, asked), looking=True)
    if outcome == "request_info":
        thread = replace(thread, comments=lambda c: (said(services, by, c.id, message, now),))
    return decide(services, claim_id, step, now, thread)


def find_address(
    services: Services,
    by: Caller,
    claim_id: str,
    address: str,
    source: str,
    now: datetime,
    asked: Asked,
) -> Decided:
    """Records an address that was found independently of the claimant; the notice goes there, too."""
    return decide(
        services,
        claim_id,
        lambda c, p, r: steps.add_found_address(c, actor(by), r, address, source),
        now,
        reviewed(by, asked),
    )


def propose_revocation(
    services: Services,
    by: Caller,
    association: str,
    codes: tuple[str, ...],
    message: str,
    now: datetime,
    asked: Asked,
) -> Decided:
    """The first of two seniors."""
    return decide(
        services,
        claim_of(association),
        lambda c, p, r: associations.propose_revocation(c, actor(by), codes, message),
        now,
        _association(by, association, asked),
    )


def confirm_revocation(
    services: Services,
    by: Caller,
    association: str,
    codes: tuple[str, ...],
    message: str,
    now: datetime,
    asked: Asked,
) -> Decided:
    """The second senior: the association ends."""
    return decide(
        services,
        claim_of(association),
        lambda c, p, r: associations.revoke(c, actor(by), r, codes, message),
        now,
        _association(by, association, asked),
    )


def resume(
    services: Services,
    by: Caller,
    association: str,
    codes: tuple[str, ...],
    message: str,
    now: datetime,
    asked: Asked,
) -> Decided:
    """The cause of a pause is gone, as far as a person knows; the item is looked up meanwhile."""
    return decide(
        services,
        claim_of(association),
        lambda c, p, r: associations.resume_by_reviewer(c, actor(by), message, r),
        now,
        replace(_association(by, association, asked), looking=True),
    )


def take_next(services: Services, by: Caller, now: datetime, asked: Asked) -> StoredResponse | None:
    """Starts the case that runs out first and that nobody has taken up, of no partner the reviewer
    is related to. Asked again, it answers the case that was started then. Raises NotFound when
    there is none; when there are some, all of them conflicts of interest, the operator is told of
    the first.
    """
    related, conflict = services.partners.related(by.sub), ""
    for claim in _waiting(services):
        if claim.organisation_id not in related:
            return start(services, by, claim.id, now, asked).reply
        conflict = conflict or claim.id
    if again := find_concurrent_response(services, asked.idempotency_key, now):
        return again
    if conflict:
        decide(
            services, conflict, lambda c, p, r: steps.escalate_without_reviewer(c, actor(by)), now
        )
    raise NotFound("queue_empty")


def actor(by: Caller) -> Actor:
    """A reviewer as the actor of a step."""
    return Actor(kind="reviewer", sub=by.sub, name=by.name)


def reviewed(by: Caller, asked: Asked) -> Asked:
    """What reviewers may act on: everything that has been submitted, but of no partner they are
    related to.
    """
    return replace(asked, allowed=_submitted, decider=by.sub)


def _deciding(by: Caller, asked: Asked) -> Asked:
    """The same, and a dispute is answered by seniors, whichever call it is answered with."""

    def allowed(claim: Claim) -> None:
        _submitted(claim)
        if claim.status == "disputed" and not by.senior:
            raise Forbidden("senior_needed")

    return replace(reviewed(by, asked), allowed=allowed)


def _waiting(services: Services) -> Iterator[Claim]:
    """The claims that nobody has taken up, the one that runs out first before the others."""
    after: str | None = None
    while True:
        claims, after = services.store.queues.list_reviews(after, 25)
        yield from (
            claim for claim in claims if isinstance(claim, Claim) and claim.status == "submitted"
        )
        if after is None:
            return


def _association(by: Caller, association: str, asked: Asked) -> Asked:
    def allowed(claim: Claim) -> None:
        if claim.association_id != association:
            raise NotFound()

    return replace(asked, allowed=allowed, decider=by.sub)


def _submitted(claim: Claim) -> None:
    """A partner's draft is its own."""
    if claim.submitted_at is None:
        raise NotFound()
