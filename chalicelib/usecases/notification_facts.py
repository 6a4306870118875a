"""What a letter can say about a claim: read off the claim when the letter is sent."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from chalicelib.domain.claim import Claim
from chalicelib.domain.deadlines import StepContext
from chalicelib.domain.directory import Partner, Tenant
from chalicelib.domain.mail_records import Source
from chalicelib.domain.notification import Notification
from chalicelib.domain.steps.customer import BLOCK
from chalicelib.domain.steps.partner import find_dispute_deadline, may_dispute
from chalicelib.ports import Services
from chalicelib.text import mail_renderer
from chalicelib.text.mail_layouts import PLANS
from chalicelib.text.templates import clean_line
from chalicelib.usecases.step_context import make_step_context

SAME_AS = {
    "late_bounce": "clock_warning",
    "arbitration_question": "info_requested",
}  # kinds that share a plan
CLOCKS = {
    "clock_warning": "review",
    "clock_escalated": "review",
    "notice_alarm": "notice_alarm",
    "late_bounce": "customer_opt_out",
}
DISPUTES = frozenset({"rejected", "association_ended", "arbitration_decided"})


@dataclass(frozen=True)
class Recipient:
    """Whom a mail goes to, where the address came from, and what its link may do."""

    address: str
    source: Source
    scope: Literal["claim", "tenant", "none"]
    language: str


@dataclass(frozen=True)
class Known:
    """What letters say of the partner and the customer."""

    partner: Partner | None
    tenant: Tenant | None


def plan(notification: Notification) -> str:
    """The kind of letter as the plans know it: a notice that replaces another says that something
    has changed, and what a customer has undone is told to a partner in other words.
    """
    if notification.kind == "notice" and notification.changed:
        return "notice_amended"
    partners = f"{notification.kind}_partner"
    return (
        partners
        if notification.to == "partner" and partners in PLANS
        else SAME_AS.get(notification.kind, notification.kind)
    )


def facts(
    services: Services,
    group: tuple[Claim, ...],
    notification: Notification,
    known: Known,
    to: Recipient,
    link: str,
    reference: str,
    now: datetime,
) -> mail_renderer.NotificationFacts:
    """Everything that a letter about these claims may say; each plan takes what it needs."""
    claim, settings = group[0], services.settings
    r = make_step_context(services, claim.catalogue_edition, now)
    edition = services.catalogue.find_edition(claim.catalogue_edition)
    where = claim.partner if notification.to == "partner" else claim.customer
    zone = services.calendars.zone(where.country, where.zone)
    due, started = _due(claim, notification, r)
    return mail_renderer.NotificationFacts(
        programme=settings.programme_name,
        partner=_called(known.partner, claim.organisation_id),
        tenant=_called(known.tenant, claim.domain),
        scope=to.scope,
        reference=reference,
        zone=zone,
        items=tuple(
            mail_renderer.NotificationItem(
                name=edition.find_name(c.item.code), partner_role=c.partner_role
            )
            for c in group
        ),
        link=link or f"{settings.public_base_url}/v1/claims/{claim.id}",
        verify_url=f"{settings.public_base_url}/verify-mail",
        support_url=settings.support_url,
        due_at=due,
        clock_started=started,
        undo_until=claim.answer.undo_until,
        until=_until(claim, notification, r),
        ends_on=claim.snapshot.ends_on if claim.snapshot else None,
        codes=notification.codes,
        message=notification.message or "",
        grounds=notification.grounds,
        clock=CLOCKS.get(notification.kind, ""),
        claim_id=claim.id,
        external_reference=claim.external_reference or "",
        address=to.address,
    )


def tenant_settings_facts(
    services: Services,
    tenant: Tenant | None,
    partner: Partner | None,
    to: Recipient,
    link: str,
    reference: str,
) -> mail_renderer.NotificationFacts:
    """What a letter about the whole tenant may say."""
    settings = services.settings
    return mail_renderer.NotificationFacts(
        programme=settings.programme_name,
        partner=_called(partner, partner.organisation_id if partner else ""),
        tenant=_called(tenant, tenant.tenant_id if tenant else ""),
        scope=to.scope,
        reference=reference,
        link=link,
        verify_url=f"{settings.public_base_url}/verify-mail",
        support_url=settings.support_url,
        address=to.address,
    )


def _called(who: Partner | Tenant | None, otherwise: str) -> str:
    """A name, unless nothing of it can be seen: a letter must say who, and is never held back by an
    empty name.
    """
    return who.name if who and clean_line(who.name) else otherwise


def _due(
    claim: Claim, notification: Notification, ctx: StepContext
) -> tuple[datetime | None, bool]:
    """The moment that a letter is about, and whether the customer's clock is running already."""
    if (
        notification.kind == "new_contact"
    ):  # their mail starts no clock: there is a date while one runs, and else none
        return (claim.answer.due_at if claim.answer.state == "open" else None), True
    if notification.kind == "notice":
        started = claim.answer.state == "open"
        return claim.answer.due_at if started else ctx.compute_end(
            "customer_opt_out", claim.customer
        ), started
    clocks: dict[str, Callable[[], datetime | None]] = {
        "submitted": lambda: claim.review.due_at,
        "clock_warning": lambda: claim.review.due_at,
        "held": lambda: _clock(claim, "provisioning"),
        "disputed": lambda: claim.review.due_at,
    }
    return notification.due_at or clocks.get(notification.kind, lambda: claim.answer.due_at)(), True


def _until(claim: Claim, notification: Notification, ctx: StepContext) -> datetime | None:
    """Until when a decision can be disputed, or when the item may be claimed again."""
    if notification.kind in DISPUTES and may_dispute(claim, ctx):
        return find_dispute_deadline(claim, ctx)
    if (
        notification.kind == "customer_opted_out_partner"
        and claim.answer.acted_at
        and BLOCK not in notification.codes
    ):
        return ctx.compute_end("cooling_off_opt_out", ctx.programme, claim.answer.acted_at)
    return _clock(claim, "provisioning") if notification.kind == "held" else None


def _clock(claim: Claim, kind: str) -> datetime | None:
    found = claim.find_clock(kind)
    return found.due_at if found else None
