"""What the customer's pages show, made from what the use cases return."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial

from chalicelib.domain.access_journal import JournalRow
from chalicelib.domain.calendars import CalendarRegion
from chalicelib.domain.catalogue import Edition
from chalicelib.domain.claim import Claim
from chalicelib.domain.confirmations import VALID_FOR, Confirmation
from chalicelib.domain.deadlines import StepContext
from chalicelib.domain.links import make_form_token
from chalicelib.domain.next_actions import list_customer_actions
from chalicelib.domain.refusals import CalendarEnded
from chalicelib.ports import Services
from chalicelib.usecases.notification_facts import MAX_DOMAINS
from chalicelib.usecases.step_context import find_current_edition, make_step_context
from chalicelib.usecases.tenant_journal import ClaimAct
from chalicelib.usecases.visits import Visit
from chalicelib.web.pages.customer_views import (
    ClaimView,
    CoolingView,
    CustomerView,
    JournalEntry,
    JournalView,
    PartnerView,
)

# Rows of the journal that say what the customer set for the whole tenant.
SETTINGS = frozenset({"locked", "unlocked", "blocked", "allowed_again"})
# What a page calls done and awaits its confirmation by mail: the act that is confirmed.
WAITING = {
    "agree_sent": "agree",
    "undo_sent": "undo",
    "unlock": "unlock",
    "allow_again": "allow_again",
}
JUST_NOW = timedelta(minutes=10)  # in which a page may say that an answer was undone


def make_customer_view(services: Services, visit: Visit, now: datetime, done: str) -> CustomerView:
    """Return what the page behind a link shows.

    done: what the reader has just done, as the page's address says.
    """
    of_tenant = visit.guest.has_tenant_link
    standing = done if stands(visit, done, now) else ""
    blocked = visit.tenant_file.tenant_settings.blocked
    named = blocked[-1] if standing == "block" else ""
    partner = _find_names(services, visit, {named})[named] if named else ""
    return CustomerView(
        tenant=_get_tenant_name(visit),
        scope=visit.guest.mail.scope if of_tenant else "claim",
        form=make_form_token(services.secrets.link_key(), visit.guest.token, now),
        zone=_choose_zone(services, visit),
        claims=tuple(_make_claim_view(services, visit, claim, now) for claim in visit.claims),
        partners=_make_partner_views(services, visit, now) if of_tenant else (),
        is_later=visit.is_later,
        older=visit.older,
        locked=visit.tenant_file.tenant_settings.locked,
        done=standing,
        done_partner=partner,
        done_items=_name_done(services, visit, standing, now),
    )


def stands(visit: Visit, done: str, now: datetime) -> bool:
    """Return whether the act that the address reports was done: old addresses may be reopened."""
    settings = visit.tenant_file.tenant_settings
    answers = [claim.answer for claim in visit.claims]
    waiting = {confirmation.act for confirmation in _list_waiting(visit, now)}
    facts = {
        "opt_out": any(answer.state == "opted_out" for answer in answers),
        "agree": any(
            answer.state == "agreed" or answer.has_contact_agreement for answer in answers
        ),
        "undo": any(answer.undone_at and answer.undone_at > now - JUST_NOW for answer in answers),
        "lock": settings.locked,
        "block": bool(settings.blocked),
    } | {sent: act in waiting for sent, act in WAITING.items()}
    return facts.get(done, False)


def name_item(services: Services, claim: Claim) -> str:
    """Name a claim's item with its partner."""
    edition = services.catalogue.find_edition(claim.catalogue_edition)
    partner = claim.partner_name or claim.organisation_id
    return f"{edition.find_name(claim.item.code)} ({partner})"


def _list_waiting(visit: Visit, now: datetime) -> list[Confirmation]:
    """Return what was asked for by this link and awaits its confirmation by mail."""
    return [
        confirmation
        for confirmation in visit.tenant_file.tenant_settings.confirmations
        if confirmation.link == visit.guest.mail.id
        and not confirmation.closed_at
        and now <= confirmation.requested_at + VALID_FOR
    ]


def _name_done(services: Services, visit: Visit, done: str, now: datetime) -> tuple[str, ...]:
    """Name what the last act was about: items with their partner, or the partner.

    done: the act, if it still stands.
    """
    if done in ("opt_out", "undo"):  # recorded at once
        return tuple(name_item(services, claim) for claim in _list_answered(visit.claims, done))
    alike = [one for one in _list_waiting(visit, now) if one.act == WAITING.get(done)]
    newest = max(alike, key=lambda one: one.requested_at, default=None)
    if newest is None:
        return ()
    if partner := newest.organisation_id:
        return (_find_names(services, visit, {partner})[partner],)
    return tuple(name_item(services, claim) for claim in visit.claims if claim.id in newest.claims)


def _list_answered(claims: Sequence[Claim], act: str) -> list[Claim]:
    """Return the claims whose answer was given, or undone, last: those of one form."""
    if act == "undo":
        moments = [(claim.answer.undone_at, claim) for claim in claims]
    else:
        opted_out = [claim for claim in claims if claim.answer.state == "opted_out"]
        moments = [(claim.answer.acted_at, claim) for claim in opted_out]
    last = max((at for at, _ in moments if at), default=None)
    return [claim for at, claim in moments if at and at == last]


def make_journal_view(
    services: Services,
    visit: Visit,
    found: tuple[Sequence[JournalRow], Sequence[ClaimAct]],
    older: str,
    now: datetime,
) -> JournalView:
    """Return what the tenant's journal shows.

    found: look-ups and what the customer set, and acts on claims.
    older: the address of the part before.
    """
    rows, acts = found
    edition = find_current_edition(services, now)
    names = _find_names(services, visit, {row.organisation_id for row in rows} - {""})
    entries = [_make_row_view(row, names, edition) for row in rows]
    entries += [_make_act_view(services, act) for act in acts]
    return JournalView(
        tenant=_get_tenant_name(visit),
        entries=tuple(sorted(entries, key=lambda one: one.at, reverse=True)),
        zone=_choose_zone(services, visit),
        older=older,
    )


def _make_row_view(row: JournalRow, names: dict[str, str], edition: Edition) -> JournalEntry:
    if (
        row.what in SETTINGS
    ):  # the customer's own act; the row names the partner it is about, if any
        partner = names.get(row.organisation_id, "") if row.organisation_id else ""
        return JournalEntry(at=row.at, act=row.what, item=partner, is_act=True)
    item = _name_items(row.item, edition)
    who = names.get(row.organisation_id, "")
    return JournalEntry(at=row.at, who=who, act=row.what, item=item)


def _make_act_view(services: Services, act: ClaimAct) -> JournalEntry:
    claim = act.claim
    partner = claim.partner_name or claim.organisation_id
    programme = services.settings.programme_name
    who = {"partner": partner, "programme": programme, "customer": "", "contact": ""}[act.by]
    edition = services.catalogue.find_edition(claim.catalogue_edition)
    name = edition.find_name(claim.item.code)
    about = name if act.by == "partner" else f"{name} – {partner}"
    is_contact = act.by == "contact"
    return JournalEntry(
        at=act.at, who=who, act=act.what, item=about, is_act=True, is_by_contact=is_contact
    )


def _name_items(codes: str, edition: Edition) -> str:
    """Return the proper names of items; what the catalogue does not know is left out.

    A code that the catalogue does not know is a text that a partner sent (domain.md, "Checks at
    entry").
    """
    known = (edition.find_product(code) or edition.find_workload(code) for code in codes.split())
    return ", ".join(one.name for one in known if one)


def _make_claim_view(services: Services, visit: Visit, claim: Claim, now: datetime) -> ClaimView:
    answer, region = claim.answer, claim.customer
    ctx = make_step_context(services, now, claim.catalogue_edition)
    is_blocked = claim.organisation_id in visit.tenant_file.tenant_settings.blocked
    names = services.calendars.describe(region)
    started = claim.find_clock("customer_opt_out")
    is_waiting = answer.state in ("notice_queued", "undeliverable")
    return ClaimView(
        claim_id=claim.id,
        organisation_id=claim.organisation_id,
        partner=claim.partner_name or claim.organisation_id,
        partner_country=claim.partner.country or "",
        partner_domains=claim.partner_domains[:MAX_DOMAINS],
        item=services.catalogue.find_edition(claim.catalogue_edition).find_name(claim.item.code),
        partner_role=claim.partner_role,
        status=claim.status,
        answer=answer.state,
        association=claim.association.state if claim.association else None,
        asked_at=claim.submitted_at,
        due_at=answer.due_at,
        started_at=started.started_at if started else None,
        earliest=_find_earliest_end(region, ctx) if is_waiting else None,
        undo_until=answer.undo_until,
        zone=names.zone,
        weekend=names.weekend,
        calendar="-".join(filter(None, (region.country, region.subdivision))),
        endorsed=answer.has_contact_agreement,
        may=list_customer_actions(claim, visit.guest.may_judge(claim), ctx, is_blocked),
    )


def _make_partner_views(services: Services, visit: Visit, now: datetime) -> tuple[PartnerView, ...]:
    """Return every partner on the page, and those that may not claim at present."""
    wanted = {claim.organisation_id for claim in visit.claims}
    wanted |= set(visit.tenant_file.tenant_settings.blocked)
    wanted |= {
        cooldown.organisation_id
        for slot in visit.tenant_file.slots
        for cooldown in slot.cooldowns
        if cooldown.until > now and not cooldown.is_lifted
    }
    names = _find_names(services, visit, wanted)
    return tuple(
        PartnerView(
            organisation_id=organisation_id,
            name=name,
            blocked=organisation_id in visit.tenant_file.tenant_settings.blocked,
            cooling=_make_cooling_views(services, visit, organisation_id, now),
        )
        for organisation_id, name in sorted(names.items(), key=lambda one: one[1])
        if organisation_id in wanted
    )


def _make_cooling_views(
    services: Services, visit: Visit, organisation_id: str, now: datetime
) -> tuple[CoolingView, ...]:
    """Return the items that a partner may not claim again yet."""
    edition = find_current_edition(services, now)
    cooldowns = (
        (slot.item, slot.find_cooldown_end(organisation_id, now))
        for slot in visit.tenant_file.slots
    )
    return tuple(
        CoolingView(item=edition.find_name(item.code), until=until)
        for item, until in cooldowns
        if until
    )


def _find_names(services: Services, visit: Visit, wanted: set[str]) -> dict[str, str]:
    """Return the names of organisations; one that is not known is called by its id."""
    known = {c.organisation_id: c.partner_name for c in visit.claims if c.partner_name}
    known[""] = services.settings.programme_name
    reads = [partial(services.partners.partner, one) for one in wanted - set(known)]
    found = services.run_parallel(*reads) if reads else ()
    return {one: one for one in wanted} | {p.organisation_id: p.name for p in found if p} | known


def _find_earliest_end(region: CalendarRegion, ctx: StepContext) -> datetime | None:
    """Return when an objection period that begins now would end; None after the calendar's end."""
    try:
        return ctx.compute_end("customer_opt_out", region)
    except CalendarEnded:
        return None


def _get_tenant_name(visit: Visit) -> str:
    return visit.tenant_file.tenant.name if visit.tenant_file.tenant else ""


def _choose_zone(services: Services, visit: Visit) -> str:
    tenant, region = visit.tenant_file.tenant, CalendarRegion()
    if tenant:
        region = CalendarRegion(
            country=tenant.country, subdivision=tenant.subdivision, zone=tenant.time_zone
        )
    return services.calendars.describe(region).zone
