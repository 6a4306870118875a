"""Acts of a partner on its claims and associations after filing."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from chalicelib.domain.claim import Claim, Outcome
from chalicelib.domain.deadlines import StepContext
from chalicelib.domain.earlier_associations import find_earlier_ordinal, rebuild_association
from chalicelib.domain.evidence import Proof
from chalicelib.domain.filing import ProofReference
from chalicelib.domain.findings import Finding
from chalicelib.domain.ids import claim_of, tenant_key
from chalicelib.domain.outcomes import empty_slot
from chalicelib.domain.refusals import Forbidden, Invalid, NotFound
from chalicelib.domain.slot import Slot
from chalicelib.domain.steps import association as associations
from chalicelib.domain.steps import partner as steps
from chalicelib.ports import Services
from chalicelib.usecases.callers import Caller
from chalicelib.usecases.decision_request import DecisionRequest, Render
from chalicelib.usecases.evidence import check_proofs
from chalicelib.usecases.idempotency import StoredResponse
from chalicelib.usecases.new_comments import write_comment
from chalicelib.usecases.request import Request
from chalicelib.usecases.unit_of_work import decide_and_respond


@dataclass(frozen=True)
class OwnCase:
    """One of the partner's claims, with its item's slot."""

    claim: Claim
    slot: Slot


@dataclass(frozen=True)
class Withdraw:
    """Withdraw a claim."""

    claim_id: str
    reason: str


@dataclass(frozen=True)
class Respond:
    """Answer a reviewer's question, with new files if there are any."""

    claim_id: str
    message: str
    evidence: tuple[ProofReference, ...] = ()


@dataclass(frozen=True)
class Dispute:
    """Dispute a decision, with reasons and new files if there are any."""

    claim_id: str
    reason: str
    evidence: tuple[ProofReference, ...] = ()


@dataclass(frozen=True)
class EndAssociation:
    """End an association."""

    association_id: str
    reason: str


def load_own_claim(services: Services, caller: Caller, claim_id: str) -> Claim:
    """Load one of the partner's claims. Raises NotFound."""
    found = services.store.claims.get_many([claim_id])
    if not found:
        raise NotFound()
    caller.require_own(found[0])
    return found[0]


def load_own_case(services: Services, caller: Caller, claim_id: str) -> OwnCase:
    """Load one of the partner's claims to show it. Raises NotFound."""
    found = services.store.claims.get_to_show(claim_id)
    if found is None:
        raise NotFound()
    claim, slot, _ = found
    caller.require_own(claim)
    return OwnCase(claim, slot or empty_slot(claim))


def load_association(services: Services, caller: Caller, association_id: str) -> Claim:
    """Load the claim behind one of the partner's associations, with that association.

    An earlier one, which ended before the newest was made, is rebuilt from the history. Raises
    NotFound.
    """
    claim = load_own_claim(services, caller, claim_of(association_id))
    if claim.association_id == association_id:
        return claim
    ordinal = find_earlier_ordinal(claim, association_id)
    entries = services.store.history.list_entries(claim.id) if ordinal else ()
    earlier = rebuild_association(entries, ordinal) if ordinal else None
    if earlier is None:
        raise NotFound()
    return claim.evolve(association=earlier)


def find_successors(services: Services, claims: Sequence[Claim]) -> dict[str, str]:
    """Find the claims for the new subscriptions of associations that end, by the id of the old.

    Only claims for which a draft was ever made cost a read: of the partner's own newer claims for
    the same tenants.
    """
    renewed = [claim for claim in claims if claim.renewed_subscriptions]
    if not renewed:
        return {}
    ids = services.store.claims.list_ids_of_partner(
        renewed[0].organisation_id,
        {tenant_key(claim.tenant_id) for claim in renewed},
        newer_than=min(claim.id for claim in renewed),
    )
    newer = services.store.claims.get_many(ids)
    found = {claim.id: _find_successor(claim, newer) for claim in renewed}
    return {claim_id: successor for claim_id, successor in found.items() if successor}


def _find_successor(claim: Claim, newer: Iterable[Claim]) -> str | None:
    """Find the newest claim in the same role for a new subscription."""
    found = [
        one.id
        for one in newer
        if one.tenant_id == claim.tenant_id
        and one.partner_role == claim.partner_role
        and one.item.subscription_id in claim.renewed_subscriptions
    ]
    return max(found, default=None)


def withdraw(
    services: Services, request: Request, command: Withdraw, render: Render
) -> StoredResponse:
    """Withdraw a claim; an approved one only as an administrator."""
    caller = request.caller

    def step(claim: Claim, slot: Slot, ctx: StepContext) -> Outcome:
        if claim.status == "approved" and "incentives_admin" not in caller.roles:
            raise Forbidden()
        return steps.withdraw(claim, caller.as_partner, ctx, command.reason)

    decision = DecisionRequest(command.claim_id, step, request, owner=caller.organisation)
    return decide_and_respond(services, decision, render)


def respond(
    services: Services, request: Request, command: Respond, render: Render
) -> StoredResponse:
    """Answer a reviewer's question. The message is also a comment in the claim's thread."""
    caller = request.caller
    proofs = _check_new_proofs(services, request, command.claim_id, command.evidence)
    comment = write_comment(request, command.message)

    def step(claim: Claim, slot: Slot, ctx: StepContext) -> Outcome:
        responded = steps.respond(claim, caller.as_partner, ctx, command.message, proofs)
        return responded.evolve(comments=(comment,))

    decision = DecisionRequest(command.claim_id, step, request, owner=caller.organisation)
    return decide_and_respond(services, decision, render)


def dispute(
    services: Services, request: Request, command: Dispute, render: Render
) -> StoredResponse:
    """Dispute a decision.

    Raises Invalid while the customer has locked the tenant or blocked the partner.
    """
    caller = request.caller
    proofs = _check_new_proofs(services, request, command.claim_id, command.evidence)

    def step(claim: Claim, slot: Slot, ctx: StepContext) -> Outcome:
        disputed = steps.dispute(claim, caller.as_partner, ctx, command.reason, proofs)
        # Read last, so that only an acceptable dispute costs the read.
        settings = services.store.tenants.get_settings(claim.tenant_id)
        if code := settings.find_obstacle(caller.organisation):
            raise Invalid((Finding(code=code, pointer=""),))
        return disputed

    decision = DecisionRequest(command.claim_id, step, request, owner=caller.organisation)
    return decide_and_respond(services, decision, render)


def end_association(
    services: Services, request: Request, command: EndAssociation, render: Render
) -> StoredResponse:
    """End one of the partner's own associations."""
    caller = request.caller

    def step(claim: Claim, slot: Slot, ctx: StepContext) -> Outcome:
        return associations.end(claim, caller.as_partner, ctx, "partner_ended", command.reason)

    decision = DecisionRequest(
        claim_of(command.association_id),
        step,
        request,
        owner=caller.organisation,
        association_id=command.association_id,
    )
    return decide_and_respond(services, decision, render)


def _check_new_proofs(
    services: Services, request: Request, claim_id: str, references: tuple[ProofReference, ...]
) -> tuple[Proof, ...]:
    """Check the files that come with a message; without any, nothing is read."""
    if not references:
        return ()
    claim = load_own_claim(services, request.caller, claim_id)
    return check_proofs(services, request, claim, references)
