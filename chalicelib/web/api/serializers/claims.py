"""Claims as their own partner sees them."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from chalicelib.domain.amendments import list_editable_fields
from chalicelib.domain.association import Association
from chalicelib.domain.base import rfc3339
from chalicelib.domain.claim import Claim
from chalicelib.domain.deadlines import Clock, StepContext, format_local
from chalicelib.domain.evidence import Proof
from chalicelib.domain.filing import Contact, RevenueDetails
from chalicelib.domain.item import Item
from chalicelib.domain.next_actions import choose_status_label, list_next_actions
from chalicelib.domain.review import Decision
from chalicelib.domain.slot import Slot
from chalicelib.domain.visible_clocks import find_statement_end, list_visible_clocks
from chalicelib.text import i18n
from chalicelib.web.api.response_models import claims as models
from chalicelib.web.api.serializers.moments import format_moment


def serialize_claim(
    claim: Claim, slot: Slot, language: str, roles: Iterable[str], ctx: StepContext
) -> models.Claim:
    """Write a claim as its own partner sees it.

    slot: what is known of the claim's item, for the clocks of an arbitration.
    language: of `status_label`; codes never change.
    roles: of the caller, for `next_actions`.
    """
    taken = slot.has_other_claim(claim.organisation_id, claim.partner_role, claim.id)
    clocks = list_visible_clocks(claim, slot, ctx)
    statement_end = find_statement_end(claim, slot, ctx.now)
    return {
        "id": claim.id,
        "filing_id": claim.filing_id,
        "status": claim.status,
        "status_label": i18n.translate(language, f"status.{choose_status_label(claim)}"),
        "customer_answer": claim.answer.state,
        "arbitration": _serialize_case(slot, clocks, statement_end),
        "association": _serialize_own_association(claim.association_id, claim.association),
        "location_id": claim.location_id,
        "organisation_id": claim.organisation_id,
        "tenant_id": claim.tenant_id,
        "domain": claim.domain,
        "solution_area": claim.solution_area,
        "partner_role": claim.partner_role,
        "engagement": claim.engagement,
        "item": serialize_item(claim, claim.hides_subscription),
        "item_name": ctx.edition.find_name(claim.item.code),
        # Not from the slot as it is now, which would reveal every later filing.
        "contested": claim.contested and claim.standing is not None,
        "catalogue_edition": claim.catalogue_edition,
        "clocks": [serialize_clock(clock) for clock in clocks],
        "next_actions": list_next_actions(claim, roles, ctx, taken, statement_end is not None),
        "editable_fields": list(list_editable_fields(claim)),
        "customer_contact": serialize_contact(claim.customer_contact),
        "technical_contact": serialize_contact(claim.technical_contact),
        "partner_contact": serialize_contact(claim.partner_contact),
        "name": claim.name,
        "external_reference": claim.external_reference,
        "evidence": [serialize_proof(proof) for proof in claim.evidence],
        "revenue_details": _serialize_revenue(claim.revenue_details),
        "warnings": list(claim.warnings),
        "findings": list(claim.findings),
        "created_at": rfc3339(claim.created_at),
        "submitted_at": format_moment(claim.submitted_at),
        "updated_at": rfc3339(claim.updated_at),
        "decided_at": format_moment(claim.decided_at),
        "decision": _serialize_decision(claim.decision),
        "version": claim.version,
    }


def add_customer_names(
    claims: Iterable[models.Claim], names: Mapping[str, str]
) -> list[models.Claim]:
    """Add the customers' names, by tenant id, to claims; one that is not known is left out."""
    return [
        claim | {"customer_name": names[claim["tenant_id"]]}
        if claim["tenant_id"] in names
        else claim
        for claim in claims
    ]


def serialize_item(claim: Claim, hidden: bool = False) -> models.Item:
    """Write what is claimed, with the state that its subscription had at the last look-up.

    hidden: leave the subscription out. One that the service filled in is shown from approval on.
    """
    state = claim.snapshot.state if claim.snapshot else None
    if claim.item.workload:
        return {"workload": claim.item.workload, "state": state}
    return {
        "product": claim.item.code,
        "subscription_id": None if hidden else claim.item.subscription_id,
        "subscription_state": None if hidden else state,
    }


def serialize_named_item(item: Item, hidden: bool = False) -> models.NamedItem:
    """Write an item by its codes, without the state of its subscription."""
    if item.workload:
        return {"workload": item.workload}
    return {"product": item.product, "subscription_id": None if hidden else item.subscription_id}


def serialize_clock(clock: Clock) -> models.RunningClock:
    """Write a running clock: since when and why, in which calendar, until when, and what then."""
    return {
        "kind": clock.kind,
        "started_at": rfc3339(clock.started_at),
        "started_because": clock.because,
        "calendar": clock.calendar,
        "due_at": rfc3339(clock.due_at),
        "due_local": format_local(clock.due_at, clock.zone),
        "time_zone": clock.zone,
        "then": clock.then,
        "state": "running",
    }


def serialize_contact(contact: Contact | None) -> models.Person | None:
    """Write a contact; the title is left out when there is none."""
    if contact is None:
        return None
    person: models.Person = {"name": contact.name, "email": contact.email}
    if contact.title is not None:
        person["title"] = contact.title
    return person


def serialize_proof(proof: Proof) -> models.Proof:
    """Write a file as a claim refers to it."""
    on = proof.acknowledged_on
    return {
        "id": proof.id,
        "kind": proof.kind,
        "file_name": proof.file_name,
        "covers": list(proof.covers),
        "acknowledged_on": on.isoformat() if on else None,
        "content_type": proof.content_type,
        "size": proof.size,
        "sha256": proof.sha256,
        "uploaded_at": format_moment(proof.uploaded_at),
    }


def _serialize_case(
    slot: Slot, clocks: Iterable[Clock], statement_end: datetime | None
) -> models.ArbitrationOfClaim | None:
    """Write the open case that the claim is a party of; its clocks say that it is one."""
    is_party = any(clock.kind == "arbitration_decision" for clock in clocks)
    if slot.case_id is None or not is_party:
        return None
    return {
        "id": slot.case_id,
        "state": "open",
        "statement_due_at": format_moment(statement_end),
    }


def _serialize_own_association(
    association_id: str | None, association: Association | None
) -> models.AssociationOfClaim | None:
    if association is None or association_id is None:
        return None
    return {"id": association_id, "state": association.state}


def _serialize_revenue(details: RevenueDetails | None) -> models.Revenue | None:
    if details is None:
        return None
    return {
        "solution_seller": details.solution_seller,
        "isv_solution_name": details.isv_solution_name,
    }


def _serialize_decision(decision: Decision | None) -> models.ClaimDecision | None:
    if decision is None:
        return None
    return {
        "outcome": decision.outcome,
        "codes": list(decision.codes),
        "message": decision.message,
        "at": rfc3339(decision.at),
    }
