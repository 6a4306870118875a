"""Whatever is due, by the kind of id that the due index names."""

from collections.abc import Callable
from datetime import datetime

from chalicelib.domain.customer import MailEvent
from chalicelib.ports import Services
from chalicelib.usecases.arbitration import escalate, settle
from chalicelib.usecases.deadlines import tick
from chalicelib.usecases.mail_events import NotYet, mail_event
from chalicelib.usecases.notifications import notify_tenant_settings
from chalicelib.usecases.tenant_settings import no_to_blocked

REFUSED = {
    "bounce",
    "complaint",
}  # mailboxes of the sandbox that are told of as their names say (api.md)


def run_due_work(services: Services, some_id: str, now: datetime) -> None:
    """Decides whatever is due for a claim, a place, a case, or a mail in the sandbox's mailbox."""
    kinds: dict[str, Callable[[Services, str, datetime], object]] = {
        "plc_": settle,
        "arb_": escalate,
        "box_": deliver,
        "hnd_": of_hand,
    }
    kinds.get(some_id[:4], tick)(services, some_id, now)


def of_hand(services: Services, hand_id: str, now: datetime) -> None:
    """What the customer has set for the whole tenant: carried out wherever that was interrupted,
    then told.
    """
    no_to_blocked(services, hand_id, now)
    notify_tenant_settings(services, hand_id, now)


def deliver(services: Services, box_id: str, now: datetime) -> None:
    """A mail in the mailbox is delivered at once, unless its address says otherwise."""
    mail = services.mailbox.mail(box_id) if services.mailbox else None
    if mail is None or mail.told or services.mailbox is None:
        return
    name = mail.to.partition("@")[0].lower()
    event = MailEvent.model_validate({"type": name if name in REFUSED else "delivery", "at": now})
    try:
        mail_event(services, mail.mail_id, event, now)
    # its sender is not done, or was stopped: what the mail is about is told first, as a worker
    # would
    except NotYet:
        for one in (*mail.claim_ids, f"hnd_{mail.mail_id[4:16]}"):
            run_due_work(services, one, now)
        mail_event(services, mail.mail_id, event, now)
    services.mailbox.told(box_id, event.type)
