"""Confirm, through a fresh link, an act that opens something."""

from dataclasses import dataclass, replace
from datetime import datetime

from chalicelib.domain.claim import Claim
from chalicelib.domain.confirmations import VALID_FOR, Confirmation
from chalicelib.domain.ids import format_tenant_settings_id, tenant_key
from chalicelib.domain.links import mail_id_of, parse_form_token
from chalicelib.domain.mail_records import MailRecord
from chalicelib.domain.notification import Notification
from chalicelib.domain.refusals import Gone, NotFound, WrongState
from chalicelib.domain.tenant_file import TenantFile
from chalicelib.domain.tenant_settings import TenantSettings
from chalicelib.ports import Change, Services
from chalicelib.usecases.callers import Guest
from chalicelib.usecases.confirmation_requests import find_link
from chalicelib.usecases.customer_answers import Answer, GivenAnswer, answer_claim, check_answer
from chalicelib.usecases.links import find_tenant_key
from chalicelib.usecases.request import Conditions
from chalicelib.usecases.retry import retry
from chalicelib.usecases.shared_answer_mails import CONFIRMED
from chalicelib.usecases.tenant_settings import (
    UNLOCK,
    Setting,
    add_notification,
    make_allowance,
    make_journal_row,
    require_change,
)
from chalicelib.usecases.visits import select_claims


@dataclass(frozen=True)
class ConfirmationVisit:
    """What the page behind a confirmation link shows.

    Attributes:
        token: the token of the link.
        mail: the mail with the link.
        guest: who asked for the act.
        confirmation: the act.
        claims: the claims that it is about.
        tenant_file: everything that is stored about the tenant.
    """

    token: str
    mail: MailRecord
    guest: Guest
    confirmation: Confirmation
    claims: tuple[Claim, ...]
    tenant_file: TenantFile

    @property
    def given(self) -> GivenAnswer:
        """The answer that is confirmed."""
        return _make_answer(self.guest, self.confirmation)

    @property
    def setting(self) -> Setting | None:
        """The setting that is confirmed, when it is no answer."""
        if self.confirmation.act == "unlock":
            return UNLOCK
        if self.confirmation.act != "allow_again":
            return None
        shown = select_claims(self.guest.mail, self.tenant_file)
        return make_allowance(self.tenant_file, shown, self.confirmation.organisation_id)


def open_confirmation(services: Services, token: str, now: datetime) -> ConfirmationVisit:
    """Open the page behind a confirmation link. Raises NotFound, and Gone for a used link."""
    key, mail_id = find_tenant_key(services, token), mail_id_of(token)
    tenant_file = services.store.tenants.get_file(key, mail_id)
    mail = find_link(tenant_file, mail_id)
    if mail is None or mail.revoked or not mail.confirms:
        raise NotFound("link_unknown")
    confirmation = tenant_file.tenant_settings.find_confirmation(mail.confirms)
    if not confirmation or confirmation.closed_at or now > mail.sent_at + VALID_FOR:
        raise Gone()
    link = find_link(tenant_file, confirmation.link)
    if link is None or link.revoked:
        raise NotFound("link_unknown")
    claims = tuple(claim for claim in tenant_file.claims if claim.id in confirmation.claims)
    return ConfirmationVisit(token, mail, Guest(link, ""), confirmation, claims, tenant_file)


def confirm(
    services: Services, visit: ConfirmationVisit, form_token: str, now: datetime
) -> frozenset[str]:
    """Carry out what a confirmation link confirms, once.

    Return the claims to which it no longer applies.
    Raises NotFound, Gone for a used link, and WrongState when it applies to no claim.
    """
    keys = services.secrets.link_keys()
    if not any(parse_form_token(key, visit.token, form_token) for key in keys):
        raise NotFound("link_unknown")
    setting = visit.setting
    if setting:
        require_change(visit.tenant_file, setting)
    else:
        _require_answerable(services, visit, now)
    _write_confirmed(services, visit, setting, now)
    if setting:
        return frozenset()
    refused = _answer_confirmed(services, visit.guest, visit.confirmation, now)
    if len(refused) == len(visit.confirmation.claims):
        raise next(iter(refused.values()))
    return frozenset(refused)


def finish_confirmed(services: Services, tenant_key: str, now: datetime) -> None:
    """Record the confirmed answers where that was interrupted."""
    tenant_file = services.store.tenants.get_file(tenant_key)
    settings = tenant_file.tenant_settings
    for notification in settings.outbox:
        confirmation = (
            settings.find_confirmation(notification.codes[0])
            if (notification.kind == CONFIRMED)
            else None
        )
        link = find_link(tenant_file, notification.by)
        if confirmation and link:
            # An answer that was given after the confirmation is newer than what is finished here,
            # and what is finished late counts from the moment of the customer's act.
            _answer_confirmed(services, Guest(link, ""), confirmation, now, confirmation.closed_at)


def find_refusals(
    services: Services, visit: ConfirmationVisit, now: datetime
) -> dict[str, WrongState]:
    """Return why claims, as they were read, cannot be answered in this way any more, by their id.

    Empty for a setting.
    """
    refusals = {}
    for claim in visit.claims:
        try:
            check_answer(services, visit.tenant_file, claim, visit.given, now)
        except WrongState as refusal:
            refusals[claim.id] = refusal
    return refusals


def _require_answerable(services: Services, visit: ConfirmationVisit, now: datetime) -> None:
    """Raise WrongState when none of the claims can be answered in this way any more."""
    refusals = find_refusals(services, visit, now)
    if len(refusals) == len(visit.claims):
        raise next(iter(refusals.values()), NotFound("link_unknown"))


def _write_confirmed(
    services: Services, visit: ConfirmationVisit, setting: Setting | None, now: datetime
) -> None:
    """Close the confirmation in the write that has its effect. Raises Gone when it was closed."""
    confirmation, tenant_id = visit.confirmation, visit.guest.mail.tenant_id

    def write() -> None:
        before = services.store.tenants.get_settings(tenant_id)
        current = before.find_confirmation(confirmation.id)
        if current is None or current.closed_at:
            raise Gone()
        after = before.with_closed(now, current)
        if setting:
            after = setting.apply(after)
            after = add_notification(services, after, setting, confirmation.link, now)
        else:
            after = _add_answers(services, after, confirmation, now)
        slots = setting.slots if setting else ()
        rows = (make_journal_row(services, tenant_id, setting, now),) if setting else ()
        services.store.commit(Change(tenant_settings=after, slots=slots, journal=rows))

    retry(write)
    services.work_queue.enqueue([format_tenant_settings_id(tenant_key(tenant_id))])


def _add_answers(
    services: Services, after: TenantSettings, confirmation: Confirmation, now: datetime
) -> TenantSettings:
    notification = Notification(
        kind=CONFIRMED,
        to="tenant",
        ref=f"{after.rev + 1}.{CONFIRMED}",
        codes=(confirmation.id,),
        by=confirmation.link,
    )
    return after.with_notification(notification, now, services.random_bytes)


def _answer_confirmed(
    services: Services,
    guest: Guest,
    confirmation: Confirmation,
    now: datetime,
    recorded_at: datetime | None = None,
) -> dict[str, WrongState]:
    """Answer the claims; a claim that has been answered since is left unchanged.

    Return the refusals by the id of their claim.
    """
    given = replace(_make_answer(guest, confirmation), recorded_at=recorded_at)
    conditions = Conditions(now=recorded_at or now, looked_up_at=now)
    answers = {
        claim_id: answer_claim(services, claim_id, given, conditions)
        for claim_id in confirmation.claims
    }
    return {claim_id: refusal for claim_id, refusal in answers.items() if refusal}


def _make_answer(guest: Guest, confirmation: Confirmation) -> GivenAnswer:
    answer = Answer("agree" if confirmation.act == "agree" else "undo")
    answer = replace(answer, comment=confirmation.comment)
    return GivenAnswer(
        guest,
        answer,
        confirmation.read_at,
        confirmation.requested_at,
        has_shared_mails=len(confirmation.claims) > 1,
    )
