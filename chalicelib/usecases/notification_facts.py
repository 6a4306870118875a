"""The facts that a mail may state, collected when it is sent."""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from chalicelib.domain.claim import Claim
from chalicelib.domain.deadlines import StepContext
from chalicelib.domain.directory import Partner, Tenant
from chalicelib.domain.mail_records import Source
from chalicelib.domain.notification import Notification
from chalicelib.domain.refusals import CalendarEnded
from chalicelib.domain.slot import Slot
from chalicelib.domain.steps.customer import BLOCK
from chalicelib.domain.steps.partner import find_dispute_deadline, may_dispute
from chalicelib.domain.tenant_settings import TenantSettings
from chalicelib.ports import Services
from chalicelib.text.cleaning import clean_line
from chalicelib.text.colours import is_readable
from chalicelib.text.mail_facts import NotificationFacts, NotificationItem
from chalicelib.text.mail_layouts import PLANS

# Kinds of notifications that use the layout of another kind.
SAME_LAYOUT = {"late_bounce": "clock_warning", "arbitration_question": "info_requested"}
CLOCKS = {
    "clock_warning": "review",
    "clock_escalated": "review",
    "notice_alarm": "notice_alarm",
    "late_bounce": "customer_opt_out",
}
DISPUTABLE = frozenset({"rejected", "association_ended", "arbitration_decided"})
# Mails that say whether and when the partner may claim the item again.
RECLAIMABLE = frozenset({"customer_opted_out_partner", "expired", "held_over", "withdrawn"})
# Mails whose instruction depends on whether the customer accepts claims.
NEEDS_OPEN_TENANT = frozenset({"paused", "renewal_draft", "renewal_warning"})
MAX_DOMAINS = 3  # domains of a partner that a mail names
MAX_NAMES = 3  # partners that a mail about several names in one sentence
# A partner may name any person as its contact, so its texts are sent to its own domains only.
# Elsewhere a reference is an identifier: no sentence, no address and no link.
IDENTIFIER = re.compile(r"[A-Za-z0-9_#/-]{1,40}")
ABOUT_REVIEW = frozenset({"submitted", "clock_warning", "disputed"})


@dataclass(frozen=True)
class Topic:
    """What a mail is about.

    Attributes:
        owner_id: the claim, or the tenant's settings, in whose outbox the notification is.
        tenant_id: the customer's tenant.
        notification: the notification.
        claims: the claims that it names; none for a tenant's settings.
        partner: the partner, if the directory knows it.
        tenant: the customer, if the directory knows it.
        settings, slot: what the customer has set, and who claims the item; read for mails that say
            what the partner may do next.
    """

    owner_id: str
    tenant_id: str
    notification: Notification
    claims: tuple[Claim, ...]
    partner: Partner | None
    tenant: Tenant | None
    settings: TenantSettings | None = None
    slot: Slot | None = None

    @property
    def obstacle(self) -> str:
        """The code of why the customer accepts neither claims nor disputes of the partner."""
        owner = self.claims[0].organisation_id
        return self.settings.find_obstacle(owner) or "" if self.settings else ""

    def find_cooldown_end(self, now: datetime) -> datetime | None:
        """Return until when the partner may not claim the item again."""
        return (
            self.slot.find_cooldown_end(self.claims[0].organisation_id, now) if self.slot else None
        )

    def may_claim_again(self, now: datetime) -> bool:
        """Return whether the partner may claim the item at this moment."""
        claim = self.claims[0]
        is_claimed = self.slot is not None and self.slot.has_other_claim(
            claim.organisation_id, claim.partner_role, claim.id
        )
        return not (self.obstacle or is_claimed or self.find_cooldown_end(now))


@dataclass(frozen=True)
class Recipient:
    """A recipient of a mail.

    Attributes:
        address: the address.
        source: where the address came from.
        scope: what the link in the mail may do.
        language: the language of the mail.
    """

    address: str
    source: Source
    scope: Literal["claim", "tenant", "none"]
    language: str


@dataclass(frozen=True)
class MailLink:
    """The link in a mail: the id of its mail's record, and its address ('': no link)."""

    mail_id: str
    url: str


def choose_layout(notification: Notification) -> str:
    """Choose the layout of a mail.

    A notice that replaces another states what has changed, and mails to a partner have other texts
    than those to the customer.
    """
    kind = notification.kind
    if kind == "notice" and notification.changed:
        return "notice_amended"
    if notification.to == "partner" and f"{kind}_partner" in PLANS:
        return f"{kind}_partner"
    return SAME_LAYOUT.get(kind, kind)


def collect_claim_facts(
    services: Services, topic: Topic, recipient: Recipient, link: MailLink, ctx: StepContext
) -> NotificationFacts:
    """Collect everything that a mail about claims may state; each layout takes what it needs.

    `ctx`: the moment, under the edition that governs the first claim.
    """
    claim, notification, settings = topic.claims[0], topic.notification, services.settings
    edition = services.catalogue.find_edition(claim.catalogue_edition)
    region = claim.partner if notification.to == "partner" else claim.customer
    # The earliest of all claims, so that the mail's promise is true for each of them.
    moments = [_find_due(one, notification, ctx) for one in topic.claims]
    due_at = None if None in moments else min(filter(None, moments), default=None)
    return NotificationFacts(
        **describe_sender(services),
        partner=_name_partners(topic),
        partner_country=claim.partner.country or "",
        partner_domains=claim.partner_domains[:MAX_DOMAINS],
        tenant=_choose_name(topic.tenant, claim.domain),
        scope=recipient.scope,
        reference=link.mail_id,
        zone=services.calendars.describe(region).zone,
        items=tuple(
            NotificationItem(
                name=_name_item(one, edition.find_name(one.item.code), topic),
                partner_role=one.partner_role,
            )
            for one in topic.claims
        ),
        link=link.url or _make_page_link(settings.public_base_url, notification.to, claim.id),
        due_at=due_at,
        is_due_unknown=notification.kind == "notice" and due_at is None,
        clock_started=notification.kind != "notice" or claim.answer.state == "open",
        undo_until=None if BLOCK in notification.codes else _find_undo_end(topic.claims),
        until=_find_end(topic, ctx),
        may_claim_again=topic.may_claim_again(ctx.now),
        obstacle=topic.obstacle,
        ends_on=claim.snapshot.ends_on if claim.snapshot else None,
        codes=notification.codes,
        message=notification.message or "",
        grounds=notification.grounds,
        clock=CLOCKS.get(notification.kind, ""),
        claim_id=claim.id,
        external_reference=_choose_reference(claim, recipient.address),
        address=notification.address or recipient.address,
        head=notification.head,
    )


def describe_sender(services: Services) -> dict[str, str]:
    """Return the facts about the sender that every mail states."""
    settings = services.settings
    return {
        "programme": settings.programme_name,
        "vendor": settings.vendor_name,
        "privacy_url": settings.privacy_url,
        "imprint_url": settings.imprint_url,
        "logo_url": settings.mail_logo_url,
        "brand_colour": settings.brand_colour if is_readable(settings.brand_colour) else "",
        "verify_url": f"{settings.public_base_url}/verify-mail",
        "support_url": settings.support_url,
    }


def collect_settings_facts(
    services: Services, topic: Topic, recipient: Recipient, link: MailLink
) -> NotificationFacts:
    """Collect what a mail about a tenant's settings may state."""
    partner, tenant = topic.partner, topic.tenant
    return NotificationFacts(
        **describe_sender(services),
        partner=_choose_name(partner, partner.organisation_id if partner else ""),
        tenant=_choose_name(tenant, tenant.tenant_id if tenant else ""),
        scope=recipient.scope,
        reference=link.mail_id,
        link=link.url,
        address=recipient.address,
    )


def _name_partners(topic: Topic) -> str:
    """Return the partner's name, or those of the first partners of several."""
    names = {
        claim.organisation_id: claim.partner_name or claim.organisation_id for claim in topic.claims
    }
    if len(names) == 1:
        return _choose_name(topic.partner, topic.claims[0].organisation_id)
    more = ", …" if len(names) > MAX_NAMES else ""
    return ", ".join(list(names.values())[:MAX_NAMES]) + more


def _find_undo_end(claims: tuple[Claim, ...]) -> datetime | None:
    """Return until when an answer to all of these claims can be undone."""
    return min(
        (claim.answer.undo_until for claim in claims if claim.answer.undo_until), default=None
    )


def _name_item(claim: Claim, name: str, topic: Topic) -> str:
    """Return an item's name, with the partner's where a mail can be about several partners."""
    is_of_several = len({one.organisation_id for one in topic.claims}) > 1
    if not is_of_several and not topic.notification.kind.startswith("confirm_"):
        return name
    return f"{name} ({claim.partner_name or claim.organisation_id})"


def _make_page_link(base: str, to: str, claim_id: str) -> str:
    """Return the address of the claim's page: the partner's in the portal, or that on the desk."""
    return f"{base}/{'portal' if to == 'partner' else 'desk'}/claims/{claim_id}"


def _choose_reference(claim: Claim, address: str) -> str:
    """Return the partner's own reference, as far as a mail to this address may repeat it."""
    reference = claim.external_reference or ""
    may_repeat = claim.is_partner_address(address) or IDENTIFIER.fullmatch(reference)
    return reference if may_repeat else ""


def _choose_name(known: Partner | Tenant | None, fallback: str) -> str:
    """Return a name, or the fallback when nothing of the name is visible.

    A mail must name somebody, and is sent even if the name is empty.
    """
    return known.name if known and clean_line(known.name) else fallback


def _find_due(claim: Claim, notification: Notification, ctx: StepContext) -> datetime | None:
    """Return the moment that a mail is about."""
    kind, answer = notification.kind, claim.answer
    is_running = answer.state == "open"
    if kind == "new_contact":
        # This mail starts no clock: it has a date only while one runs.
        return answer.due_at if is_running else None
    if kind == "notice":
        return answer.due_at if is_running else _find_earliest_end(claim, ctx)
    if notification.due_at:
        return notification.due_at
    if kind in ABOUT_REVIEW:
        return claim.review.due_at
    return _find_clock_end(claim, "provisioning") if kind == "held" else answer.due_at


def _find_earliest_end(claim: Claim, ctx: StepContext) -> datetime | None:
    """Return when an objection period that begins now would end; None after the calendar's end."""
    try:
        return ctx.compute_end("customer_opt_out", claim.customer)
    except CalendarEnded:
        return None


def _find_end(topic: Topic, ctx: StepContext) -> datetime | None:
    """Return until when a decision can be disputed, or when the item may be claimed again.

    None while the customer accepts nothing of the partner, because a mail promises only what
    happens.
    """
    claim, kind = topic.claims[0], topic.notification.kind
    if kind == "held":
        return _find_clock_end(claim, "provisioning")
    if topic.obstacle:
        return None
    if kind in DISPUTABLE and may_dispute(claim, ctx):
        return find_dispute_deadline(claim, ctx)
    is_blocked = BLOCK in topic.notification.codes
    return topic.find_cooldown_end(ctx.now) if kind in RECLAIMABLE and not is_blocked else None


def _find_clock_end(claim: Claim, kind: str) -> datetime | None:
    clock = claim.find_clock(kind)
    return clock.due_at if clock else None
