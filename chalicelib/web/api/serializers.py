"""Values as callers see them: field by field, so that nothing new is told by accident (api.md,
"Shapes").
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from chalicelib.domain.amendments import list_editable_fields
from chalicelib.domain.arbitration import Arbitration, Party, Proposal
from chalicelib.domain.base import rfc3339
from chalicelib.domain.catalogue import Area, Edition
from chalicelib.domain.claim import Claim
from chalicelib.domain.customer import MailRecord
from chalicelib.domain.deadlines import Clock, StepContext, format_local
from chalicelib.domain.evidence import Proof
from chalicelib.domain.history import Comment, Entry
from chalicelib.domain.item import Item
from chalicelib.domain.next_actions import choose_status_label, list_next_actions
from chalicelib.domain.review_tasks import ReviewTask
from chalicelib.domain.slot import Slot
from chalicelib.domain.visible_clocks import list_visible_clocks
from chalicelib.text import i18n

DECIDED = ("approved", "ended")


def claim(
    value: Claim, slot: Slot, language: str, roles: Iterable[str], ctx: StepContext
) -> dict[str, Any]:
    """A claim as its own partner sees it."""
    return {
        "id": value.id,
        "filing_id": value.filing_id,
        "status": value.status,
        "status_label": i18n.translate(language, f"status.{choose_status_label(value)}"),
        "customer_answer": value.answer.state,
        "association": {"id": value.association_id, "state": value.association.state}
        if value.association
        else None,
        "location_id": value.location_id,
        "organisation_id": value.organisation_id,
        "tenant_id": value.tenant_id,
        "domain": value.domain,
        "solution_area": value.solution_area,
        "partner_role": value.partner_role,
        "engagement": value.engagement,
        "item": item(value, hidden=value.filled_in and value.status not in DECIDED),
        "contested": value.answer.state != "not_asked"
        and slot.contested_for(value.organisation_id),
        "catalogue_edition": value.catalogue_edition,
        "clocks": [clock(c) for c in list_visible_clocks(value, slot, ctx)],
        "next_actions": list_next_actions(
            value,
            roles,
            ctx,
            slot.claimed_otherwise(value.organisation_id, value.partner_role, value.id),
        ),
        "editable_fields": list(list_editable_fields(value)),
        "customer_contact": contact(value.customer_contact),
        "technical_contact": contact(value.technical_contact),
        "partner_contact": contact(value.partner_contact),
        "name": value.name,
        "external_reference": value.external_reference,
        "evidence": [proof(p) for p in value.evidence],
        "revenue_details": value.revenue_details.model_dump() if value.revenue_details else None,
        "warnings": list(value.warnings),
        "findings": list(value.findings),
        "created_at": rfc3339(value.created_at),
        "submitted_at": moment(value.submitted_at),
        "updated_at": rfc3339(value.updated_at),
        "decided_at": moment(value.decided_at),
        "decision": decision(value),
        "version": value.version,
    }


def item(value: Claim, hidden: bool = False) -> dict[str, Any]:
    """What is claimed; a subscription that the service filled in is shown from approval on."""
    state = value.snapshot.state if value.snapshot else None
    if value.item.workload:
        return {"workload": value.item.workload, "state": state}
    return {
        "product": value.item.product,
        "subscription_id": None if hidden else value.item.subscription_id,
        "subscription_state": None if hidden else state,
    }


def clock(value: Clock) -> dict[str, Any]:
    """A running clock: since when and why, in which calendar, until when, and what then."""
    return {
        "kind": value.kind,
        "started_at": rfc3339(value.started_at),
        "started_because": value.because,
        "calendar": value.calendar,
        "due_at": rfc3339(value.due_at),
        "due_local": format_local(value.due_at, value.zone),
        "time_zone": value.zone,
        "then": value.then,
        "state": "running",
    }


def contact(value: Any) -> dict[str, Any] | None:
    return value.model_dump(exclude_none=True) if value else None


def proof(value: Proof) -> dict[str, Any]:
    return {
        "id": value.id,
        "kind": value.kind,
        "file_name": value.file_name,
        "covers": list(value.covers),
        "acknowledged_on": value.acknowledged_on.isoformat() if value.acknowledged_on else None,
    }


def decision(value: Claim) -> dict[str, Any] | None:
    if not value.decision:
        return None
    told = value.decision
    return {
        "outcome": told.outcome,
        "codes": list(told.codes),
        "message": told.message,
        "at": rfc3339(told.at),
    }


def association(value: Claim) -> dict[str, Any]:
    """The association that a claim has led to, as its partner sees it."""
    made = value.association
    if made is None:
        raise ValueError(f"{value.id} has no association")
    ends_on = value.snapshot.ends_on if value.snapshot else None
    return {
        "id": value.association_id,
        "claim_id": value.id,
        "organisation_id": value.organisation_id,
        "tenant_id": value.tenant_id,
        "item": item(value),
        "partner_role": value.partner_role,
        "state": made.state,
        "since": rfc3339(made.active_since or made.since),
        "ended_at": moment(made.ended_at),
        "end_reason": made.end_reason,
        "subscription_ends_on": ends_on.isoformat() if ends_on and value.held else None,
    }


def queue_row(value: Claim | Arbitration | ReviewTask, now: datetime) -> dict[str, Any]:
    """A case in the reviewers' or seniors' queue."""
    if isinstance(value, ReviewTask):
        return _errand(value, now)
    due = value.review.due_at if isinstance(value, Claim) else value.decision_due_at
    left = int((due - now).total_seconds()) if due else None
    timing = {"due_at": moment(due), "seconds_left": left, "overdue": left is not None and left < 0}
    if isinstance(value, Arbitration):
        return {
            "kind": "arbitration",
            "id": value.id,
            "claim_id": value.parties[0].claim_ids[0],
            "status": value.state,
            "organisation_id": None,
            "tenant_id": value.tenant_id,
            "item": named(value.item),
            "assignee": value.assignee,
            **timing,
            "escalated": value.escalated,
            "contested": True,
        }
    return {
        "kind": "claim",
        "id": value.id,
        "claim_id": value.id,
        "status": value.status,
        "organisation_id": value.organisation_id,
        "tenant_id": value.tenant_id,
        "item": item(value),
        "assignee": value.review.assignee,
        **timing,
        "escalated": value.review.escalated,
        "contested": value.contested,
    }


def _errand(value: ReviewTask, now: datetime) -> dict[str, Any]:
    """A task in the queue: about an association, by its id and state, or about a claim, by what is
    to be done.
    """
    claim, made = value.claim, value.claim.association
    left = int((claim.task.due_at - now).total_seconds()) if claim.task else 0
    named = (
        {"kind": "association", "id": claim.association_id, "status": made.state}
        if made and value.about_association
        else {"kind": "task", "id": claim.id, "status": claim.task.kind if claim.task else ""}
    )
    return {
        **queue_row(claim, now),
        **named,
        "due_at": moment(claim.task.due_at) if claim.task else None,
        "seconds_left": left,
        "overdue": left < 0,
        "escalated": False,
    }


def arbitration(value: Arbitration, organisation_id: str | None) -> dict[str, Any]:
    """A case: both sides for the programme; a partner sees its own party only, no proposal, and a
    subscription that the service filled in once it has won.
    """
    seen = [p for p in value.parties if organisation_id in (None, p.organisation_id)]
    hidden = (
        organisation_id is not None
        and seen[0].filled_in
        and not (value.decision and value.decision.winner in seen[0].named)
    )
    told = value.decision and {
        "winner": value.decision.winner,
        "reasons": value.decision.reasons,
        "at": rfc3339(value.decision.at),
    }
    if value.decision and told and organisation_id is not None:
        told["winner"] = value.decision.winner if value.decision.winner in seen[0].named else None
        stays = value.decision.winner is None and seen[0].incumbent
        told["outcome"] = "won" if told["winner"] else "kept" if stays else "lost"
    return {
        "id": value.id,
        "tenant_id": value.tenant_id,
        "item": named(value.item, hidden),
        "state": value.state,
        "opened_at": rfc3339(value.opened_at),
        "decision_due_at": rfc3339(value.decision_due_at),
        "parties": [party(p) for p in seen],
        "decision": told,
        "proposal": proposal(value.proposal)
        if value.proposal and organisation_id is None
        else None,
        "version": value.version,
    }


def party(value: Party) -> dict[str, Any]:
    """One side of a case."""
    said = value.statement
    return {
        "claim_id": value.claim_ids[0],
        "claim_ids": list(value.claim_ids),
        "association_id": value.association_id,
        "organisation_id": value.organisation_id,
        "joined_at": rfc3339(value.joined_at),
        "left_because": value.left_because,
        "statement": {
            "text": said.text,
            "evidence": [proof(p) for p in said.evidence],
            "at": rfc3339(said.at),
        }
        if said
        else None,
        "statement_due_at": rfc3339(value.statement_due_at),
        "questions": [
            {"text": q.text, "asked_at": rfc3339(q.asked_at), "due_at": rfc3339(q.due_at)}
            for q in value.questions
        ],
    }


def proposal(value: Proposal) -> dict[str, Any]:
    return {
        "winner": value.winner,
        "reasons": value.reasons,
        "by": value.by,
        "at": rfc3339(value.at),
    }


def named(value: Item, hidden: bool = False) -> dict[str, Any]:
    """An item by its codes."""
    if value.workload:
        return {"workload": value.workload}
    return {"product": value.product, "subscription_id": None if hidden else value.subscription_id}


def comment(value: Comment, to_partner: bool) -> dict[str, Any]:
    """A comment; partners see their own people's names and "reviewer"."""
    named = value.author if not to_partner or value.by == "partner" else None
    shown = {
        "id": value.id,
        "at": rfc3339(value.at),
        "by": {"kind": value.by, "name": named},
        "text": value.text,
    }
    return (
        shown if to_partner else shown | {"visibility": "internal" if value.internal else "partner"}
    )


def history_row(value: Entry, public: bool = True) -> dict[str, Any]:
    """A row of history: its public part, or for reviewers and auditors all of it."""
    return (
        value.public()
        if public
        else value.public() | {"salt": value.salt, "private": value.private}
    )


def event(value: Entry) -> dict[str, Any]:
    """A row of history as an event of the partner's feed."""
    before, after = value.moves.get("claim", (None, None))
    return {
        "id": value.id,
        "type": value.act,
        "at": rfc3339(value.at),
        "seq": value.seq,
        "data": {
            "claim_id": value.claim_id,
            "from": before,
            "to": after,
            "reasons": list(value.reasons),
            "moves": {name: list(move) for name, move in value.moves.items()},
        },
    }


def mail(value: MailRecord) -> dict[str, Any]:
    """A mail that was sent, and what became of it, for reviewers."""
    return {
        "id": value.id,
        "kind": value.kind,
        "recipient": value.recipient,
        "source": value.source,
        "qualifying": value.qualifying,
        "language": value.language,
        "sent_at": rfc3339(value.sent_at),
        "template": value.template,
        "template_hash": value.template_hash,
        "text_hash": value.text_hash,
        "provider_id": value.provider_id,
        "events": [{"type": e.type, "at": rfc3339(e.at)} for e in value.events],
    }


def catalogue(edition: Edition, language: str) -> dict[str, Any]:
    """The edition in force, in the caller's language."""
    products = [
        {"code": p.code, "name": p.name, "sku_part_numbers": list(p.sku_part_numbers)}
        for p in edition.offer.products
    ]
    workloads = [
        {"code": w.code, "name": w.name, "service_plans": list(w.service_plans)}
        for w in edition.offer.workloads
    ]
    return {
        "edition": edition.code,
        "valid_from": edition.valid_from.isoformat(),
        "submitters": list(edition.submitters),
        "solution_areas": [
            _area(a, edition, language, products, workloads) for a in edition.solution_areas
        ],
        "deadlines": dict(edition.deadlines),
    }


def applicable_for(edition: Edition, role: str, language: str) -> str:
    """For whom a partner role applies under an edition."""
    return i18n.translate(language, f"partner_role.{role}.applicable_for.{edition.code}")


def bundle(
    value: Claim,
    slot: Slot,
    language: str,
    roles: Iterable[str],
    ctx: StepContext,
    history: Iterable[Entry],
    said: Iterable[Comment],
) -> dict[str, Any]:
    """The whole case as one document, as its partner sees it; `cpor verify` checks it offline."""
    return {
        "format": "cpor-bundle/1",
        "made_at": rfc3339(ctx.now),
        "claim": claim(value, slot, language, roles, ctx),
        "association": association(value) if value.association else None,
        "history": [history_row(row) for row in history],
        "head": value.head,
        "comments": [comment(c, to_partner=True) for c in said if not c.internal],
        "evidence": [proof(p) | {"sha256": p.sha256} for p in value.evidence],
    }


def moment(value: datetime | None) -> str | None:
    return rfc3339(value) if value else None


def _area(
    area: Area, edition: Edition, language: str, products: list[Any], workloads: list[Any]
) -> dict[str, Any]:
    roles = [
        {
            "code": r.code,
            "name": i18n.translate(language, f"partner_role.{r.code}.name"),
            "applicable_for": applicable_for(edition, r.code, language),
            "purpose": list(r.purposes),
            "aliases": list(r.aliases),
            "engagement": r.engagement,
            "channels": list(r.channels),
            "incentivised": r.incentivised,
        }
        for r in area.partner_roles
    ]
    return {
        "code": area.code,
        "name": i18n.translate(language, f"solution_area.{area.code}"),
        "aliases": list(area.aliases),
        "partner_roles": roles,
        "products": products if area.claims == "product" else [],
        "workloads": workloads if area.claims == "workload" else [],
    }
