"""Send notifications: after the commit, from what was written, at least once.

A notification stays in its claim's outbox until all its mails are sent and on record. A mail that
is on record is not sent again; a crash in between repeats the identical mail, with the same link.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from itertools import chain
from typing import Any, TypeVar

from chalicelib.domain.backoff import CONFIRMATION_WAIT, find_next_attempt
from chalicelib.domain.claim import Claim, Outcome
from chalicelib.domain.customer_answer import Address
from chalicelib.domain.deadlines import StepContext
from chalicelib.domain.ids import format_tenant_settings_id, slot_id, tenant_key
from chalicelib.domain.mail_records import MailEvent, MailRecord
from chalicelib.domain.notification import Notification
from chalicelib.domain.slot import Slot
from chalicelib.domain.steps import mail as steps
from chalicelib.domain.tenant_file import TenantFile
from chalicelib.domain.tenant_settings import TenantSettings
from chalicelib.ports import Change, Services
from chalicelib.ports.mail import MailPostponed, OutcomeUnknown, RecipientRefused
from chalicelib.usecases.confirmation_requests import KIND, find_confirming_recipients
from chalicelib.usecases.decision_request import DecisionRequest, Preloaded
from chalicelib.usecases.mail_composer import (
    FOLLOWS,
    OutgoingMail,
    compose_claim_mails,
    compose_mail,
)
from chalicelib.usecases.notification_facts import DISPUTABLE, NEEDS_OPEN_TENANT, RECLAIMABLE, Topic
from chalicelib.usecases.notified_claims import select_claims
from chalicelib.usecases.recipients import find_tenant_recipients
from chalicelib.usecases.reminder_failures import strike_out_refused
from chalicelib.usecases.request import Conditions
from chalicelib.usecases.retry import retry
from chalicelib.usecases.shared_answer_mails import (
    ANSWERED,
    BLOCKED,
    CONFIRMED,
    compose_answer_mails,
    compose_block_mails,
)
from chalicelib.usecases.step_context import make_step_context
from chalicelib.usecases.unit_of_work import decide

Holder = TypeVar("Holder", Claim, TenantSettings)  # of an outbox


def notify(
    services: Services, claim: Claim, now: datetime, preloaded: Preloaded | None = None
) -> Claim:
    """Send everything in a claim's outbox, and take it out. Return the claim as it is then.

    What the mail service does not accept stays in the outbox, and is tried again later.
    `preloaded`: the case as it was just read.
    """
    if _must_wait(claim, now):
        return claim
    topics = _list_topics(services, claim, now)
    ctx = make_step_context(services, now, claim.catalogue_edition)
    outgoing = {
        topic.notification.ref: tuple(compose_claim_mails(services, topic, ctx)) for topic in topics
    }
    # Before a customer is notified of a claim, the uses of its files are recorded.
    if any(notification.kind == "notice" for notification in claim.outbox):
        services.store.evidence.add_uses([claim, *(c for topic in topics for c in topic.claims)])
    attempt = _send_unsent_mails(services, outgoing, now)
    after = _record_sent_mails(services, claim, attempt, preloaded)
    strike_out_refused(services, attempt.records.values(), now)
    if services.mailbox:  # in a sandbox, the event of a mail is due work
        services.work_queue.enqueue(
            [record.provider_id for record in attempt.records.values() if record.provider_id]
        )
    return after


def notify_tenant_settings(services: Services, tenant_key: str, now: datetime) -> None:
    """Mail what the customer has set to all the tenant's own contacts, with how to undo it."""
    tenant_file = services.store.tenants.get_file(tenant_key)
    settings = tenant_file.tenant_settings
    if not settings.outbox or _must_wait(settings, now):
        return
    ctx = make_step_context(services, now)
    outgoing = {
        notification.ref: _compose_settings_mails(services, tenant_file, notification, ctx)
        for notification in settings.outbox
    }
    attempt = _send_unsent_mails(services, outgoing, now)
    retry(lambda: _clear_settings_outbox(services, settings.tenant_id, attempt))


def _must_wait(value: Claim | TenantSettings, now: datetime) -> bool:
    """Return whether mails were not accepted, and it is too early to try again."""
    retry_at = value.outbox_retry
    return value.outbox_attempts > 0 and retry_at is not None and now < retry_at


def _list_topics(services: Services, claim: Claim, now: datetime) -> list[Topic]:
    """List what there is to notify about, with what the mails say of partner and customer."""
    reads: list[Callable[[], Any]] = [
        partial(services.partners.partner, claim.organisation_id),
        partial(services.directory.tenant, tenant_key(claim.tenant_id)),
    ]
    if any(one.kind in DISPUTABLE | RECLAIMABLE | NEEDS_OPEN_TENANT for one in claim.outbox):
        reads += [
            partial(services.store.tenants.get_settings, claim.tenant_id),
            partial(services.store.slots.get, slot_id(claim.tenant_id, claim.item.name)),
        ]
    partner, tenant, *more = services.run_parallel(*reads)
    settings, slot = more or (None, None)
    return [
        Topic(
            owner_id=claim.id,
            tenant_id=claim.tenant_id,
            notification=notification,
            claims=select_claims(services, claim, notification),
            partner=partner,
            tenant=tenant,
            settings=settings,
            slot=slot,
        )
        for notification in _select_ready(claim.outbox, now)
    ]


def _select_ready(outbox: tuple[Notification, ...], now: datetime) -> Iterator[Notification]:
    """Select what can be sent. A mail that follows another one has the same recipients, so it waits
    until the other one has left the outbox.
    """
    before: set[str] = set()
    for notification in outbox:
        is_time = notification.not_before is None or notification.not_before <= now
        if is_time and before.isdisjoint(FOLLOWS.get(notification.kind, ())):
            yield notification
        before.add(notification.kind)


def _compose_settings_mails(
    services: Services, tenant_file: TenantFile, notification: Notification, ctx: StepContext
) -> list[OutgoingMail]:
    if notification.kind in (CONFIRMED, ANSWERED):
        return list(compose_answer_mails(services, tenant_file, notification, ctx))
    if notification.kind == BLOCKED:
        return list(compose_block_mails(services, tenant_file, notification, ctx))
    tenant, codes = tenant_file.tenant, notification.codes
    tenant_id = tenant_file.tenant_settings.tenant_id
    claims = tuple(claim for claim in tenant_file.claims if claim.id in notification.claims)
    topic = Topic(
        owner_id=format_tenant_settings_id(tenant_key(tenant_id)),
        tenant_id=tenant_id,
        notification=notification,
        claims=claims,
        partner=services.partners.partner(codes[0]) if codes else None,
        tenant=tenant,
    )
    if notification.kind.startswith(KIND):
        recipients = find_confirming_recipients(services, tenant_file, notification.by)
    else:
        locale = tenant.locale if tenant else "en"
        recipients = find_tenant_recipients(tenant, tenant_file.claims, locale)
    return [compose_mail(services, topic, recipient, ctx) for recipient in recipients]


@dataclass(frozen=True)
class _Attempt:
    """The result of an attempt to send notifications.

    outgoing: the mails of each notification, by its ref.
    records: the records of accepted mails, by id.
    unconfirmed: whether some may have been accepted without a response.
    """

    now: datetime
    outgoing: Mapping[str, Sequence[OutgoingMail]]
    records: Mapping[str, MailRecord]
    unconfirmed: bool

    def list_records(self, ref: str) -> list[MailRecord]:
        """List the records of a notification's mails; empty unless all have been accepted."""
        if not self._was_sent(ref):
            return []
        return [self.records[one.mail.id] for one in self.outgoing[ref]]

    def clear_outbox(self, value: Holder) -> Holder:
        """Remove what was sent from an outbox, and postpone what was not accepted.

        Notifications that were added during the attempt are not postponed.
        """
        left = tuple(one for one in value.outbox if not self._was_sent(one.ref))
        if not any(one.ref in self.outgoing for one in left):
            return value.evolve(outbox=left, outbox_attempts=0)
        attempts = value.outbox_attempts
        retry_at = find_next_attempt(attempts, self.now, self.unconfirmed)
        return value.evolve(outbox=left, outbox_attempts=attempts + 1, outbox_retry=retry_at)

    def _was_sent(self, ref: str) -> bool:
        mails = self.outgoing.get(ref)
        return mails is not None and all(mail.mail.id in self.records for mail in mails)


def _send_unsent_mails(
    services: Services, outgoing: Mapping[str, Sequence[OutgoingMail]], now: datetime
) -> _Attempt:
    """Send, in parallel, the mails that are not on record, and put each on record."""
    wanted: dict[str, OutgoingMail] = {}
    for one in chain.from_iterable(outgoing.values()):
        wanted.setdefault(one.mail.id, one)  # an address that is found twice gets one mail
    known = services.store.mails.get_many(wanted)
    done = {mail_id: one for mail_id, one in known.items() if not one.unconfirmed_since}
    pending = {mail_id for mail_id, one in known.items() if _awaits_confirmation(one, now)}
    missing = [one for mail_id, one in wanted.items() if mail_id not in done.keys() | pending]
    tried = services.run_parallel(*(_plan_sending(services, one, now) for one in missing))
    records = [record for record in tried if record is not None]
    taken = {record.id: record for record in records if not record.unconfirmed_since}
    unconfirmed = bool(pending) or len(taken) < len(records)
    return _Attempt(now, outgoing, {**done, **taken}, unconfirmed)


def _awaits_confirmation(record: MailRecord, now: datetime) -> bool:
    since = record.unconfirmed_since
    return since is not None and now < since + CONFIRMATION_WAIT


def _plan_sending(
    services: Services, outgoing: OutgoingMail, now: datetime
) -> Callable[[], MailRecord | None]:
    def send() -> MailRecord | None:
        """Send one mail and store its record; None when the service has not accepted it."""
        record = outgoing.record
        try:
            record = record.evolve(provider_id=services.mail_sender.send(outgoing.mail, now))
        except MailPostponed:
            return None
        except RecipientRefused:
            record = record.evolve(events=(MailEvent(type="bounce", at=now),))
        except OutcomeUnknown:
            record = record.evolve(unconfirmed_since=now)
        services.store.mails.add(record)
        return record

    return send


def _record_sent_mails(
    services: Services,
    claim: Claim,
    attempt: _Attempt,
    preloaded: Preloaded | None,
) -> Claim:
    """Record a notice's addresses in each of its claims, then clear the claim's outbox."""
    notices = [
        record
        for notification in claim.outbox
        if notification.kind == "notice"
        for record in attempt.list_records(notification.ref)
    ]
    claim_ids = dict.fromkeys(claim_id for record in notices for claim_id in record.claim_ids)
    conditions = Conditions(now=attempt.now)

    def note_addresses(current: Claim, slot: Slot, ctx: StepContext) -> Outcome:
        outcome = steps.record_sent(current, _list_addresses(notices, current), notices)
        for refused in (record for record in notices if record.has_bounced):
            struck = steps.strike_out_address(outcome.claim, refused.id, "bounce", ctx)
            outcome = outcome.then(struck)
        return outcome

    def clear(current: Claim, slot: Slot, ctx: StepContext) -> Outcome:
        after = attempt.clear_outbox(current)
        return note_addresses(after, slot, ctx) if notices else Outcome(claim=after)

    for other in claim_ids:
        if other != claim.id:
            decide(services, DecisionRequest(other, note_addresses, conditions))
    request = DecisionRequest(claim.id, clear, conditions, preloaded=preloaded)
    return decide(services, request).claim


def _list_addresses(records: list[MailRecord], claim: Claim) -> tuple[Address, ...]:
    """List where a claim's notices went; those of an earlier round of the question do not count."""
    return tuple(
        Address(mail_id=record.id, qualifying=record.is_qualifying, source=record.source)
        for record in records
        if claim.id in record.claim_ids and record.round == claim.answer.round
    )


def _clear_settings_outbox(services: Services, tenant_id: str, attempt: _Attempt) -> None:
    settings = services.store.tenants.get_settings(tenant_id)
    after = attempt.clear_outbox(settings).without_finished_answers()
    after = after.evolve(rev=settings.rev + 1)
    services.store.commit(Change(tenant_settings=after))
