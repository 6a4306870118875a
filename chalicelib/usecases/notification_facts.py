"""What a letter can say about a claim: read off the claim when the letter is sent."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from chalicelib.domain.claim import Claim, Letter
from chalicelib.domain.customer import Source
from chalicelib.domain.deadlines import Reckoning
from chalicelib.domain.directory import Partner, Tenant
from chalicelib.domain.steps.customer import BLOCK
from chalicelib.domain.steps.partner import disputable, disputable_until
from chalicelib.ports import World
from chalicelib.text import mail_renderer
from chalicelib.text.mail_layouts import PLANS
from chalicelib.text.templates import one_line
from chalicelib.usecases.unit_of_work import reckoning

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


def plan(letter: Letter) -> str:
    """The kind of letter as the plans know it: a notice that replaces another says that something
    has changed, and what a customer has undone is told to a partner in other words.
    """
    if letter.kind == "notice" and letter.changed:
        return "notice_amended"
    partners = f"{letter.kind}_partner"
    return (
        partners
        if letter.to == "partner" and partners in PLANS
        else SAME_AS.get(letter.kind, letter.kind)
    )


def facts(
    world: World,
    group: tuple[Claim, ...],
    letter: Letter,
    known: Known,
    to: Recipient,
    link: str,
    reference: str,
    now: datetime,
) -> mail_renderer.LetterFacts:
    """Everything that a letter about these claims may say; each plan takes what it needs."""
    claim, settings = group[0], world.settings
    r = reckoning(world, claim.catalogue_edition, now)
    edition = world.catalogue.edition(claim.catalogue_edition)
    where = claim.partner if letter.to == "partner" else claim.customer
    zone = world.calendars.zone(where.country, where.zone)
    due, started = _due(claim, letter, r)
    return mail_renderer.LetterFacts(
        programme=settings.programme_name,
        partner=_called(known.partner, claim.organisation_id),
        tenant=_called(known.tenant, claim.domain),
        scope=to.scope,
        reference=reference,
        zone=zone,
        items=tuple(
            mail_renderer.LetterItem(name=edition.name_of(c.item.code), partner_role=c.partner_role)
            for c in group
        ),
        link=link or f"{settings.public_base_url}/v1/claims/{claim.id}",
        verify_url=f"{settings.public_base_url}/verify-mail",
        support_url=settings.support_url,
        due_at=due,
        clock_started=started,
        undo_until=claim.answer.undo_until,
        until=_until(claim, letter, r),
        ends_on=claim.look.ends_on if claim.look else None,
        codes=letter.codes,
        message=letter.message or "",
        grounds=letter.grounds,
        clock=CLOCKS.get(letter.kind, ""),
        claim_id=claim.id,
        external_reference=claim.external_reference or "",
        address=to.address,
    )


def hand_facts(
    world: World,
    tenant: Tenant | None,
    partner: Partner | None,
    to: Recipient,
    link: str,
    reference: str,
) -> mail_renderer.LetterFacts:
    """What a letter about the whole tenant may say."""
    settings = world.settings
    return mail_renderer.LetterFacts(
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
    return who.name if who and one_line(who.name) else otherwise


def _due(claim: Claim, letter: Letter, r: Reckoning) -> tuple[datetime | None, bool]:
    """The moment that a letter is about, and whether the customer's clock is running already."""
    if (
        letter.kind == "new_contact"
    ):  # their mail starts no clock: there is a date while one runs, and else none
        return (claim.answer.due_at if claim.answer.state == "open" else None), True
    if letter.kind == "notice":
        started = claim.answer.state == "open"
        return claim.answer.due_at if started else r.end(
            "customer_opt_out", claim.customer
        ), started
    clocks: dict[str, Callable[[], datetime | None]] = {
        "submitted": lambda: claim.review.due_at,
        "clock_warning": lambda: claim.review.due_at,
        "held": lambda: _clock(claim, "provisioning"),
        "disputed": lambda: claim.review.due_at,
    }
    return letter.due_at or clocks.get(letter.kind, lambda: claim.answer.due_at)(), True


def _until(claim: Claim, letter: Letter, r: Reckoning) -> datetime | None:
    """Until when a decision can be disputed, or when the item may be claimed again."""
    if letter.kind in DISPUTES and disputable(claim, r):
        return disputable_until(claim, r)
    if (
        letter.kind == "customer_opted_out_partner"
        and claim.answer.acted_at
        and BLOCK not in letter.codes
    ):
        return r.end("cooling_off_opt_out", r.programme, claim.answer.acted_at)
    return _clock(claim, "provisioning") if letter.kind == "held" else None


def _clock(claim: Claim, kind: str) -> datetime | None:
    found = claim.clock(kind)
    return found.due_at if found else None
