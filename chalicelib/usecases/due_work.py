"""Process an id from the due index or from a message."""

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime

from chalicelib.domain.ids import (
    Kind,
    format_tenant_settings_id,
    kind_of,
    parse_mail_id,
    parse_tenant_settings_id,
)
from chalicelib.domain.mail_records import MailEvent
from chalicelib.domain.refusals import CalendarEnded
from chalicelib.ports import BoxedMail, Services
from chalicelib.usecases.answers_to_all import finish_answers
from chalicelib.usecases.api_keys import send_due_mail
from chalicelib.usecases.confirmations import finish_confirmed
from chalicelib.usecases.deadlines import send_outbox, tick
from chalicelib.usecases.insight_tally import run_tally
from chalicelib.usecases.mail_events import NotYet, handle_mail_event
from chalicelib.usecases.notifications import notify_tenant_settings
from chalicelib.usecases.settlement import escalate, settle
from chalicelib.usecases.webhook_delivery import deliver
from chalicelib.usecases.webhook_requests import require_webhooks

# Local parts of addresses in the sandbox whose mails are reported as undelivered (api.md).
REFUSED = {"bounce", "complaint"}


class UnknownId(ValueError):
    """An id of a kind for which nothing can be due.

    It is an error of the sender: the message ends in the dead-letter queue.
    """


def run_due_work(services: Services, due_id: str, now: datetime) -> object:
    """Process what is due for an id, by its kind. Raises UnknownId.

    Returns a claim's value, and of a mail the partners whose claims it has changed.
    """
    kind = kind_of(due_id)
    if kind not in HANDLERS:
        raise UnknownId(due_id)
    return HANDLERS[kind](services, due_id, now)


def run_tenant_settings(services: Services, settings_id: str, now: datetime) -> None:
    """Apply a customer's settings for a tenant, then notify the tenant's contacts."""
    tenant_key = parse_tenant_settings_id(settings_id)
    if tenant_key is None:
        raise UnknownId(settings_id)
    finish_confirmed(services, tenant_key, now)
    finish_answers(services, tenant_key)
    notify_tenant_settings(services, tenant_key, now)


def deliver_webhooks(services: Services, endpoint_id: str, now: datetime) -> None:
    """Deliver waiting events to an endpoint, and enqueue it again when time runs out."""
    if deliver(services, endpoint_id, now):
        require_webhooks(services).queue.enqueue([endpoint_id])


def deliver_sandbox_mail(services: Services, box_id: str, now: datetime) -> frozenset[str]:
    """Report a mail in the sandbox's mailbox as delivered, or as its address says.

    Returns the partners for whose claims it was decided what that means.
    """
    mailbox = services.mailbox
    mail = mailbox.get(box_id) if mailbox else None
    if mailbox is None or mail is None or mail.events:
        return frozenset()
    name = mail.to.partition("@")[0].lower()
    event = MailEvent.model_validate({"type": name if name in REFUSED else "delivery", "at": now})
    # In production the event waits in the dead-letter queue for an update; the claim shows an
    # alarm.
    changed: frozenset[str] = frozenset()
    with suppress(CalendarEnded):
        changed = _report_delivery(services, mail, event, now)
    mailbox.add_event(box_id, event.type)
    return changed


def _report_delivery(
    services: Services, mail: BoxedMail, event: MailEvent, now: datetime
) -> frozenset[str]:
    try:
        return handle_mail_event(services, mail.mail_id, event, now)
    except NotYet:
        # The sender has not finished, or was stopped: finish its work first, as a worker would.
        keys = parse_mail_id(mail.mail_id)
        settings_ids = [format_tenant_settings_id(keys.tenant)] if keys else []
        for due_id in (*mail.claim_ids, *settings_ids):
            run_due_work(services, due_id, now)
        return handle_mail_event(services, mail.mail_id, event, now)


# The handler of each kind of id. Ids of other kinds are never due.
HANDLERS: dict[Kind | None, Callable[[Services, str, datetime], object]] = {
    Kind.API_KEY: send_due_mail,
    Kind.ARBITRATION: escalate,
    Kind.BOXED_MAIL: deliver_sandbox_mail,
    Kind.CLAIM: tick,
    Kind.OUTBOX: send_outbox,
    Kind.SLOT: settle,
    Kind.TALLY: run_tally,
    Kind.TENANT_SETTINGS: run_tenant_settings,
    Kind.WEBHOOK_ENDPOINT: deliver_webhooks,
    Kind.WEBHOOK_REPLAY: deliver_webhooks,
}
