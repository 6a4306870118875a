"""What a partner does besides filing: look a subscription up, try a filing out, upload proof,
answer, withdraw, read.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from chalicelib.domain import checks
from chalicelib.domain.claim import Claim, Outcome
from chalicelib.domain.deadlines import StepContext
from chalicelib.domain.evidence import Evidence
from chalicelib.domain.figures import Figures
from chalicelib.domain.filing import Filing, ProofReference, VerifyRequest
from chalicelib.domain.findings import Finding
from chalicelib.domain.history import Comment
from chalicelib.domain.ids import claim_of, tenant_key
from chalicelib.domain.next_actions import ACTING
from chalicelib.domain.refusals import Forbidden, Invalid, NotFound, Unavailable
from chalicelib.domain.slot import Slot
from chalicelib.domain.state_machines import IN_FORCE
from chalicelib.domain.steps import partner as steps
from chalicelib.domain.steps.association import end
from chalicelib.ports import Change, Services
from chalicelib.usecases.access_journal import looked_up, read_by
from chalicelib.usecases.callers import Caller
from chalicelib.usecases.comments import said
from chalicelib.usecases.evidence import proofs_of
from chalicelib.usecases.filing import Read, read
from chalicelib.usecases.idempotency import (
    IdempotencyKey,
    StoredResponse,
    commit_response,
    replay_stored_response,
)
from chalicelib.usecases.limits import UPLOADS, look_ups_left, refuse, tried
from chalicelib.usecases.unit_of_work import Asked, Decided, decide, empty_slot

Announced = Callable[[Evidence, str, dict[str, str]], StoredResponse]
Told = Callable[[Comment], StoredResponse]

UPLOAD = timedelta(minutes=15)  # that an upload's address is good for
MONTHS_SHOWN = 13  # domain.md, "Figures"


@dataclass(frozen=True)
class Opened:
    """A claim as its reader may see it."""

    claim: Claim
    slot: Slot


def verify(
    services: Services,
    by: Caller,
    asked: VerifyRequest,
    now: datetime,
    idempotency_key: IdempotencyKey | None,
    answer: Callable[[checks.VerificationResult], StoredResponse],
) -> StoredResponse:
    """Looks one subscription up; the look-up stands in the customer's journal."""
    found = read(
        services,
        by,
        Filing(tenant_id=asked.tenant_id, domain=asked.domain, submit=False),
        now,
        idempotency_key,
    )
    if again := replay_stored_response(found.filing_inputs.receipt, idempotency_key, now):
        return again
    look_ups_left(found.filing_inputs.counts, now)
    verified = checks.verify_subscription(asked, found.known)
    if checks.is_only_unavailable(verified.findings):
        raise Unavailable("directory_unavailable")
    looked_up(
        services,
        by,
        asked.tenant_id,
        "verify",
        now,
        asked.product,
        shown=found.known.is_tenant_verified(asked.tenant_id),
    )
    return _kept(services, answer(verified), idempotency_key, now)


def check(
    services: Services,
    by: Caller,
    filing: Filing,
    now: datetime,
    idempotency_key: IdempotencyKey | None,
    answer: Callable[[Read], StoredResponse],
) -> StoredResponse:
    """The whole pre-flight; nothing is stored but the look-up itself, and the answer for whoever
    asks the same again.
    """
    found = read(services, by, filing.evolve(submit=True), now, idempotency_key)
    if again := replay_stored_response(found.filing_inputs.receipt, idempotency_key, now):
        return again
    look_ups_left(found.filing_inputs.counts, now)
    if checks.is_only_unavailable(found.findings):
        raise Unavailable("directory_unavailable")
    looked_up(
        services,
        by,
        filing.tenant_id or "",
        "check",
        now,
        " ".join(item.code for item in filing.items),
        shown=found.known.is_tenant_verified(filing.tenant_id),
    )
    return _kept(services, answer(found), idempotency_key, now)


def announce(
    services: Services,
    by: Caller,
    evidence: Evidence,
    now: datetime,
    idempotency_key: IdempotencyKey,
    answer: Announced,
) -> StoredResponse:
    """Announces a file; the answer says where to put it. Raises Invalid for whoever neither answers
    for the partner nor may submit under today's edition.
    """
    edition = services.catalogue.find_edition_on(now.date(), services.settings.catalogue_edition)
    if by.roles.isdisjoint(ACTING) and (wrong := tuple(checks.check_submitter(by.roles, edition))):
        raise Invalid(wrong)
    kept, *counts = services.run_parallel(
        lambda: services.store.requests.get_receipt(idempotency_key.owner, idempotency_key.key),
        *tried(services, by, "", now, (UPLOADS,)),
    )
    if again := replay_stored_response(kept, idempotency_key, now):
        return again
    refuse((UPLOADS,), tuple(counts), now)
    url, fields = services.files.invite(evidence)
    reply = answer(evidence, url, fields)
    return commit_response(services, Change(evidence=(evidence,)), reply, idempotency_key, now)


def opened(services: Services, by: Caller, claim_id: str) -> Opened:
    """One of the partner's claims. Raises NotFound."""
    found = services.store.claims.get(claim_id)
    if found is None:
        raise NotFound()
    by.owns(found[0])
    return Opened(found[0], found[1] or empty_slot(found[0]))


def withdraw(
    services: Services, by: Caller, claim_id: str, reason: str, now: datetime, asked: Asked
) -> Decided:
    """Takes a claim back; an approved one only by an administrator."""

    def allowed(claim: Claim) -> None:
        by.owns(claim)
        if claim.status == "approved" and "incentives_admin" not in by.roles:
            raise Forbidden()

    return decide(
        services,
        claim_id,
        lambda c, p, r: steps.withdraw(c, by.actor, r, reason),
        now,
        replace(asked, allowed=allowed),
    )


def respond(
    services: Services,
    by: Caller,
    claim_id: str,
    message: str,
    references: tuple[ProofReference, ...],
    now: datetime,
    asked: Asked,
) -> Decided:
    """Answers a reviewer's question, with new files if there are any; the message is a comment in
    the thread, too.
    """
    proofs = (
        proofs_of(services, by, opened(services, by, claim_id).claim, references, now)
        if references
        else ()
    )
    thread = replace(
        asked, allowed=by.owns, comments=lambda c: (said(services, by, c.id, message, now),)
    )
    return decide(
        services,
        claim_id,
        lambda c, p, r: steps.respond(c, by.actor, r, message, proofs),
        now,
        thread,
    )


def dispute(
    services: Services,
    by: Caller,
    claim_id: str,
    reason: str,
    references: tuple[ProofReference, ...],
    now: datetime,
    asked: Asked,
) -> Decided:
    """Contradicts a decision, with reasons or new evidence.

    Raises Invalid for a partner that the customer has blocked.
    """
    proofs = (
        proofs_of(services, by, opened(services, by, claim_id).claim, references, now)
        if references
        else ()
    )

    def step(claim: Claim, slot: Slot, ctx: StepContext) -> Outcome:
        after = steps.dispute(claim, by.actor, ctx, reason, proofs)
        if by.organisation in services.store.tenants.get_settings(claim.tenant_id).blocked:
            raise Invalid((Finding(code="partner_blocked", pointer=""),))
        return after

    return decide(services, claim_id, step, now, replace(asked, allowed=by.owns))


def end_association(
    services: Services, by: Caller, association: str, reason: str, now: datetime, asked: Asked
) -> Decided:
    """Ends one of the partner's own associations."""

    def allowed(claim: Claim) -> None:
        by.owns(claim)
        if claim.association_id != association:
            raise NotFound()

    return decide(
        services,
        claim_of(association),
        lambda c, p, r: end(c, by.actor, r, "partner_ended", reason),
        now,
        replace(asked, allowed=allowed),
    )


def comment(
    services: Services,
    by: Caller,
    claim_id: str,
    text: str,
    now: datetime,
    idempotency_key: IdempotencyKey | None,
    answer: Told,
) -> StoredResponse:
    """Adds to the thread of a claim."""
    found = services.store.claims.get(
        claim_id, (idempotency_key.owner, idempotency_key.key) if idempotency_key else None
    )
    if found is None:
        raise NotFound()
    by.owns(found[0])
    if again := replay_stored_response(found[2], idempotency_key, now):
        return again
    made = said(services, by, claim_id, text, now)
    return written(services, made, answer(made), now, idempotency_key)


def written(
    services: Services,
    made: Comment,
    reply: StoredResponse,
    now: datetime,
    idempotency_key: IdempotencyKey | None,
) -> StoredResponse:
    """A comment in its thread, once."""
    return commit_response(services, Change(comments=(made,)), reply, idempotency_key, now)


def _kept(
    services: Services, reply: StoredResponse, idempotency_key: IdempotencyKey | None, now: datetime
) -> StoredResponse:
    """An answer for which nothing else is written, kept for a repeat."""
    if idempotency_key is None:
        return reply
    return commit_response(services, Change(), reply, idempotency_key, now)


def association(services: Services, by: Caller, some_id: str) -> Claim:
    """The claim behind one of the partner's associations. Raises NotFound."""
    claim = opened(services, by, claim_of(some_id)).claim
    if claim.association_id != some_id:
        raise NotFound()
    return claim


def figures(
    services: Services, by: Caller, some_id: str, what: str, first: str, last: str, now: datetime
) -> tuple[Figures, ...]:
    """An item's figures by month, for its partner while the association is official; the customer
    sees the reading.

    Access ends in the write that ends the association: the claim is read before the figures, and
    consistently.
    """
    claim = association(services, by, some_id)
    if not claim.association or claim.association.state not in IN_FORCE:
        raise Forbidden("association_not_active")
    read_by(services, by, claim.tenant_id, what, now, claim.item.code)
    return services.store.tenants.list_figures(
        tenant_key(claim.tenant_id), claim.item.name, first, last
    )
