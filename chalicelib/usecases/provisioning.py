"""A claim that is checked again: a draft that is submitted, and a held one whose customer may have
finished.
"""

from dataclasses import replace
from datetime import datetime

from chalicelib.domain import checks
from chalicelib.domain.claim import Claim, Outcome
from chalicelib.domain.deadlines import StepContext
from chalicelib.domain.filing import Filing, FilingItem, ProofReference
from chalicelib.domain.history import TIME, Actor
from chalicelib.domain.item import Item
from chalicelib.domain.refusals import Invalid, WrongState
from chalicelib.domain.slot import Slot
from chalicelib.domain.steps import partner as steps
from chalicelib.domain.subscription_snapshot import snapshot_item
from chalicelib.ports import Services
from chalicelib.usecases.callers import Caller
from chalicelib.usecases.comments import contested
from chalicelib.usecases.filing import Read, errors, read, record_refused_lookup, refuse
from chalicelib.usecases.limits import LETTERS, look_ups_left
from chalicelib.usecases.limits import refuse as refuse_more
from chalicelib.usecases.unit_of_work import Asked, Decided, decide


def submit(services: Services, by: Caller, claim_id: str, now: datetime, asked: Asked) -> Decided:
    """Submits a draft: all checks, under the edition in force today. Raises Invalid, WrongState,
    NotFound.
    """
    found = services.store.claims.get(claim_id)
    if found is None or found[0].organisation_id != by.organisation or found[0].status != "draft":
        return decide(services, claim_id, _not_a_draft, now, asked)
    claim = found[0]
    seen = read(
        services,
        by,
        filing_of(claim),
        now,
        consistent=True,
        itself=claim.id,
        whole=True,
        limits=(LETTERS,),
    )
    refuse_more((LETTERS,), seen.counts, now)
    look_ups_left(seen.filing_inputs.counts, now)
    _refuse(services, by, claim, seen, now)
    item = checks.resolve_item(filing_of(claim).items[0], claim.tenant_id, seen.known)
    thread = replace(asked, item=item, comments=lambda c: contested(services, c, now))
    return decide(
        services,
        claim_id,
        lambda c, p, r: _submitted(c, p, r, by.actor, seen, claim.version, item),
        now,
        thread,
    )


def recheck(services: Services, claim: Claim, now: datetime) -> Claim:
    """Looks at a held claim again: submitted when it passes, back in draft when something else is
    wrong.
    """
    by = Caller(sub=claim.filed_by, organisation_id=claim.organisation_id)
    edition = services.catalogue.find_edition(claim.catalogue_edition)
    seen = read(
        services, by, filing_of(claim), now, consistent=True, itself=claim.id, edition=edition
    )

    def step(c: Claim, slot: Slot, ctx: StepContext) -> Outcome:
        if c.status != "awaiting_provisioning":
            return Outcome(claim=c)
        if checks.is_only_unavailable(seen.findings) or checks.has_only_waiting_errors(
            seen.findings
        ):
            return steps.keep_waiting(c, ctx)
        if wrong := errors(seen.findings):
            return steps.return_to_draft(c, ctx, tuple(f.code for f in wrong))
        return steps.submit(_seen(c, seen), TIME, ctx, slot.is_contested_for(c.organisation_id))

    return decide(
        services, claim.id, step, now, Asked(comments=lambda c: contested(services, c, now))
    ).claim


def _refuse(services: Services, by: Caller, claim: Claim, seen: Read, now: datetime) -> None:
    """A draft that is refused was a look-up, as a filing is."""
    try:
        refuse(seen.findings)
    except Invalid as refusal:
        record_refused_lookup(services, by, filing_of(claim), refusal, now)
        raise


def filing_of(claim: Claim) -> Filing:
    """The claim as the filing of one item, for the checks."""
    return Filing(
        location_id=claim.location_id,
        tenant_id=claim.tenant_id,
        domain=claim.domain or None,
        solution_area=claim.solution_area,
        partner_role=claim.partner_role,
        items=(
            FilingItem(
                product=claim.item.product,
                workload=claim.item.workload,
                subscription_id=claim.item.subscription_id,
            ),
        ),
        customer_contact=claim.customer_contact,
        technical_contact=claim.technical_contact,
        partner_contact=claim.partner_contact,
        revenue_details=claim.revenue_details,
        evidence=tuple(
            ProofReference(
                id=p.id,
                kind=p.kind,
                acknowledged_on=p.acknowledged_on,
                covers=p.covers or (claim.item.code,),
            )
            for p in claim.evidence
        ),
    )


def _submitted(
    claim: Claim, slot: Slot, ctx: StepContext, by: Actor, seen: Read, version: int, item: Item
) -> Outcome:
    if claim.version != version:
        raise WrongState(status=claim.status, event="submit")
    edition = seen.known.edition
    claim = _seen(
        claim.evolve(catalogue_edition=edition.code, item=item, filled_in=item != claim.item), seen
    )
    ctx = ctx._replace(deadlines=edition.deadlines)
    if checks.has_only_waiting_errors(seen.findings):
        return steps.hold(claim, by, ctx, tuple(f.code for f in errors(seen.findings)))
    return steps.submit(claim, by, ctx, slot.is_contested_for(claim.organisation_id))


def _seen(claim: Claim, seen: Read) -> Claim:
    """The claim with what was just looked up: the item's state, where the customer reckons days,
    the warnings.
    """
    customer, warnings = (
        seen.known.customer,
        tuple(f.code for f in seen.findings if f.warning and f.code != "contested"),
    )
    snapshot = (
        snapshot_item(
            claim.item, customer.subscriptions, seen.known.edition, seen.known.customer.looked_up_at
        )
        if customer.subscriptions is not None
        else claim.snapshot
    )
    claim = claim.evolve(snapshot=snapshot, warnings=warnings)
    if tenant := customer.tenant:
        where = claim.customer.evolve(
            country=tenant.country, subdivision=tenant.subdivision, zone=tenant.time_zone
        )
        return claim.evolve(customer=where, language=tenant.locale)
    return claim


def _not_a_draft(claim: Claim, slot: Slot, ctx: StepContext) -> Outcome:
    raise WrongState(status=claim.status, event="submit")
