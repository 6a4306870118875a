"""Settings that the holder of a tenant link may make for the whole tenant.

Every act is mailed to the tenant's contacts.
"""

from dataclasses import dataclass
from datetime import datetime

from chalicelib.domain.access_journal import JournalRow
from chalicelib.domain.claim import Claim, Outcome
from chalicelib.domain.confirmations import Confirmation
from chalicelib.domain.deadlines import StepContext
from chalicelib.domain.history import Actor
from chalicelib.domain.ids import Kind, format_tenant_settings_id, new_id, tenant_key
from chalicelib.domain.next_actions import list_customer_actions
from chalicelib.domain.notification import Notification
from chalicelib.domain.refusals import NotFound, WrongState
from chalicelib.domain.slot import Slot
from chalicelib.domain.steps.customer import BLOCK, opt_out
from chalicelib.domain.tenant_file import TenantFile
from chalicelib.domain.tenant_settings import TenantSettings
from chalicelib.ports import Change, Services
from chalicelib.usecases.answers_to_all import MOST_AT_ONCE, make_record
from chalicelib.usecases.callers import Guest
from chalicelib.usecases.confirmation_requests import request_confirmation
from chalicelib.usecases.customer_answers import Answer, GivenAnswer, answer_claim, is_accepted
from chalicelib.usecases.decision_request import DecisionRequest
from chalicelib.usecases.request import Conditions
from chalicelib.usecases.retry import retry
from chalicelib.usecases.shared_answer_mails import ANSWERED, BLOCKED
from chalicelib.usecases.unit_of_work import decide
from chalicelib.usecases.visits import ALL, Form, Visit, Wanted, open_form, select_claims

OBJECTION = Answer("opt_out", reason=BLOCK)
# Kinds of notifications of acts that reopen a claim.
CAME_BACK = frozenset({"customer_undone", "disputed"})
# The journal's code of an act, by the kind of its notification.
JOURNALED = {
    "tenant_locked": "locked",
    "tenant_unlocked": "unlocked",
    BLOCKED: "blocked",
    "partner_allowed_again": "allowed_again",
}


@dataclass(frozen=True)
class Setting:
    """One act of the customer's.

    Attributes:
        kind: the kind of the notification that reports it.
        locked: whether new claims are possible from now on; None: as before.
        blocks: a partner that may not claim any more.
        unblocks: a partner that may claim again.
        objects_to: the claims that a block opts out of.
        slots: slots whose cool-down ends with it, in their new version.
    """

    kind: str
    locked: bool | None = None
    blocks: str = ""
    unblocks: str = ""
    objects_to: tuple[Claim, ...] = ()
    slots: tuple[Slot, ...] = ()

    def apply(self, settings: TenantSettings) -> TenantSettings:
        """Return the settings after the act."""
        if self.locked is not None:
            settings = settings.evolve(locked=self.locked)
        if self.blocks and self.blocks not in settings.blocked:
            settings = settings.evolve(blocked=(*settings.blocked, self.blocks))
        if self.unblocks:
            others = tuple(one for one in settings.blocked if one != self.unblocks)
            settings = settings.evolve(blocked=others)
        return settings

    def voids(self, confirmation: Confirmation) -> bool:
        """Return whether this closing act voids a pending act that would open the same again."""
        is_unlock = bool(self.locked) and confirmation.act == "unlock"
        return is_unlock or bool(self.blocks) and confirmation.organisation_id == self.blocks


UNLOCK = Setting("tenant_unlocked", locked=False)


def lock(services: Services, form: Form, now: datetime) -> None:
    """Allow no new claims on this tenant, by any partner."""
    visit = open_form(services, form, now)
    _write_setting(services, visit, Setting("tenant_locked", locked=True), now)


def unlock(services: Services, form: Form, now: datetime) -> None:
    """Ask to allow new claims again; it takes effect when it is confirmed."""
    visit = open_form(services, form, now)
    _require_tenant_link(visit.guest)
    require_change(visit.tenant_file, UNLOCK)
    wanted = Confirmation(
        act="unlock", link=visit.guest.mail.id, requested_at=now, read_at=visit.read_at
    )
    request_confirmation(services, visit.guest.mail, wanted, now)


def block(services: Services, form: Form, partner: str, now: datetime) -> None:
    """Allow no claims by this partner, and opt out of its open ones.

    Raises NotFound for a partner that the page does not show.
    """
    visit = open_form(services, form, now, Wanted(ALL))
    _require_shown(services, visit, partner)
    claims = _select_objected(services, visit, partner, now)
    blocked = Setting(BLOCKED, blocks=partner, objects_to=claims)
    if not _write_setting(services, visit, blocked, now):
        return
    given = GivenAnswer(visit.guest, OBJECTION, has_shared_mails=True)
    for claim in claims[:MOST_AT_ONCE]:
        answer_claim(services, claim.id, given, Conditions(now=now), visit.preload(claim))


def allow_again(services: Services, form: Form, partner: str, now: datetime) -> None:
    """Ask to let this partner claim again; it takes effect when it is confirmed.

    Raises NotFound for a partner that the page does not show.
    """
    visit = open_form(services, form, now, Wanted(ALL))
    _require_tenant_link(visit.guest)
    _require_shown(services, visit, partner)
    require_change(visit.tenant_file, make_allowance(visit.tenant_file, visit.claims, partner))
    wanted = Confirmation(
        act="allow_again",
        link=visit.guest.mail.id,
        organisation_id=partner,
        requested_at=now,
        read_at=visit.read_at,
    )
    request_confirmation(services, visit.guest.mail, wanted, now)


def make_allowance(tenant_file: TenantFile, claims: tuple[Claim, ...], partner: str) -> Setting:
    """Make the setting that lets a partner claim again: no block, no cool-down."""
    items = {claim.item.name for claim in claims if claim.organisation_id == partner}
    slots = tuple(
        slot.with_lifted_cooldowns(partner).evolve(rev=slot.rev + 1)
        for slot in tenant_file.slots
        if slot.item.name in items and slot.with_lifted_cooldowns(partner) != slot
    )
    return Setting("partner_allowed_again", unblocks=partner, slots=slots)


def require_change(tenant_file: TenantFile, setting: Setting) -> None:
    """Raise WrongState when a setting would change nothing."""
    settings = tenant_file.tenant_settings
    if setting.apply(settings) == settings and not setting.slots:
        raise WrongState("nothing_to_change", status=setting.kind, event=setting.kind)


def opt_out_if_blocked(services: Services, claim: Claim, now: datetime) -> Claim:
    """Opt out of a claim that came in, or came back, while its partner was being blocked.

    The block looked for open claims before this one was written. It is looked up before the first
    notice is sent, so that no filing pays for it, after an undo, and after a dispute.
    """
    kinds = {notification.kind for notification in claim.outbox}
    is_first_notice = claim.answer.round == 1 and claim.status_before_opt_out is None
    if not kinds & CAME_BACK and not (is_first_notice and "notice" in kinds):
        return claim
    if claim.organisation_id not in services.store.tenants.get_settings(claim.tenant_id).blocked:
        return claim
    return decide(services, DecisionRequest(claim.id, _opt_out, Conditions(now=now))).claim


def _opt_out(claim: Claim, slot: Slot, ctx: StepContext) -> Outcome:
    if "opt_out" not in list_customer_actions(claim, True, ctx):
        return Outcome(claim=claim)
    others = slot.list_competitors(claim.organisation_id)
    return opt_out(claim, Actor(kind="customer", name="tenant link"), ctx, BLOCK, "", others)


def _write_setting(services: Services, visit: Visit, setting: Setting, now: datetime) -> bool:
    """Write what is set, with the notification that reports it.

    Return whether anything has changed: a form that is sent again has no effect. Raises NotFound
    for a claim link.
    """
    _require_tenant_link(visit.guest)
    tenant_id = visit.guest.mail.tenant_id

    def write() -> bool:
        before = services.store.tenants.get_settings(tenant_id)
        if setting.apply(before) == before:
            return False
        voided = [
            confirmation for confirmation in before.confirmations if setting.voids(confirmation)
        ]
        after = setting.apply(before).with_closed(now, *voided)
        if setting.objects_to:
            record_id = f"{_name_entry(after, setting)}.{ANSWERED}"
            record = make_record(record_id, visit.guest, setting.objects_to, OBJECTION, now)
            after = after.evolve(answers=(*after.answers, record))
        after = add_notification(services, after, setting, visit.guest.mail.id, now)
        row = make_journal_row(services, tenant_id, setting, now)
        services.store.commit(Change(tenant_settings=after, slots=setting.slots, journal=(row,)))
        return True

    is_new = retry(write)
    services.work_queue.enqueue([format_tenant_settings_id(tenant_key(tenant_id))])
    return is_new


def make_journal_row(
    services: Services, tenant_id: str, setting: Setting, now: datetime
) -> tuple[str, JournalRow]:
    """Make the row of the tenant's journal that says what was set. No claim's history has it."""
    row = JournalRow(
        id=new_id(Kind.EVENT, now, services.random_bytes),
        at=now,
        organisation_id=setting.blocks or setting.unblocks,
        what=JOURNALED[setting.kind],
    )
    return tenant_key(tenant_id), row


def add_notification(
    services: Services, after: TenantSettings, setting: Setting, link: str, now: datetime
) -> TenantSettings:
    """Return the settings, after a change, with the notification that reports it."""
    ref, partner = _name_entry(after, setting), setting.blocks or setting.unblocks
    record = (f"{ref}.{ANSWERED}",) if setting.objects_to else ()
    notification = Notification(
        kind=setting.kind,
        to="tenant",
        ref=ref,
        codes=(partner, *record) if partner else (),
        by=link,
    )
    return after.with_notification(notification, now, services.random_bytes)


def _name_entry(before: TenantSettings, setting: Setting) -> str:
    """Return the ref of the notification that reports what is set."""
    return f"{before.rev + 1}.{setting.kind}"


def _select_objected(
    services: Services, visit: Visit, partner: str, now: datetime
) -> tuple[Claim, ...]:
    """Select what a partner still claims or is about to hold, and what it lost by an objection that
    another link could undo: the block takes its place.

    An association in force stays until it is objected to itself.
    """
    given = GivenAnswer(visit.guest, OBJECTION)
    return tuple(
        claim
        for claim in visit.claims
        if claim.organisation_id == partner
        and _is_covered_by_block(claim)
        and is_accepted(services, visit.tenant_file, claim, given, now)
    )


def _is_covered_by_block(claim: Claim) -> bool:
    is_pending = claim.association is not None and claim.association.state == "pending"
    return claim.is_open or is_pending or claim.answer.state == "opted_out"


def _require_tenant_link(guest: Guest) -> None:
    """Raise NotFound for a claim link, as for an unknown one."""
    if not guest.has_tenant_link:
        raise NotFound("link_unknown")


def _require_shown(services: Services, visit: Visit, partner: str) -> None:
    """Raise NotFound for a partner that no page of the link shows: names cannot be tried out.

    Older pages are read, one after the other, only for a partner that the newest does not show.
    """
    mail, blocked = visit.guest.mail, visit.tenant_file.tenant_settings.blocked
    if partner in {*blocked, *(claim.organisation_id for claim in visit.claims)}:
        return
    key, before = tenant_key(mail.tenant_id), ""
    while True:
        page, last = services.store.tenants.get_page(key, mail.id, before)
        if partner in {claim.organisation_id for claim in select_claims(mail, page)}:
            return
        if last is None:
            raise NotFound("link_unknown")
        before = last
