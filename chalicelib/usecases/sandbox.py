"""The test clock and the mailbox of sandbox stages.

When the clock moves, everything that falls due is processed in order.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from chalicelib.domain.base import rfc3339
from chalicelib.domain.calendars import CalendarRegion
from chalicelib.domain.claim import OUTBOX_RETRY_SECONDS
from chalicelib.domain.findings import Finding
from chalicelib.domain.ids import Kind, kind_of
from chalicelib.domain.mail_records import MailEvent, ReportType
from chalicelib.domain.refusals import CalendarEnded, Invalid, NotFound
from chalicelib.ports import BoxedMail, Mailbox, MovableClock, Services
from chalicelib.usecases.due_work import run_due_work
from chalicelib.usecases.mail_events import NotYet, handle_mail_event, handle_report
from chalicelib.usecases.mail_reports import unwrap

# Business days, more than any deadline has: from wherever the clock stands each can be calculated.
LONGEST = 15
ROUNDS = 20  # rounds after which processing what is due has no further effects
DUE_PAGE = 200  # ids in one read


@dataclass(frozen=True)
class MoveClock:
    """Move the clock forward.

    Attributes:
        call: a text that identifies the call; a repeated call continues where it stopped.
        target: the time to which the clock is moved.
    """

    call: str
    target: datetime


@dataclass(frozen=True)
class Moved:
    """The time of the clock, and the target that it has not reached yet."""

    now: datetime
    target: datetime | None = None


def move_clock(
    services: Services, clock: MovableClock, command: MoveClock, is_out_of_time: Callable[[], bool]
) -> Moved:
    """Move the clock, and process everything that falls due, in order.

    `is_out_of_time` says when to stop and respond. Raises Invalid for a target that cannot be.
    """
    state, now = clock.read_state(), clock.now()
    target = command.target
    if state.target is not None and state.request == command.call:
        target = state.target
    if target < now:
        raise Invalid(
            [Finding(code="clock_backwards", pointer="/to", values={"now": rfc3339(now)})]
        )
    _check_calendars(services, target, command.call)
    clock.move(now, target, command.call)
    while due := _find_next(services, target):
        if is_out_of_time():
            return Moved(clock.now(), target)
        due_id, due_at = due
        now = max(due_at, clock.now())
        clock.move(now, target, command.call)
        run_due_work(services, due_id, now)
    clock.move(max(target, clock.now()))
    # Only insights are still due: counting them can take longer than a request may.
    services.work_queue.enqueue([due_id for due_id, _ in services.store.queues.list_due(target, 1)])
    return Moved(clock.now())


def run_all_due(services: Services, now: datetime) -> None:
    """Do everything that is due now, and send every notification, before a response.

    So a tester never has to wait for a worker. This is safe next to a worker that does the same.
    Insights are left to the worker.
    """
    done: set[str] = set()
    until = now + timedelta(seconds=OUTBOX_RETRY_SECONDS)
    for _ in range(ROUNDS):
        # An outbox is due only later, in case its sender is stopped; here it is emptied once.
        todo = [
            due_id
            for due_id, due_at in services.store.queues.list_due(until, DUE_PAGE)
            if (due_at <= now or due_id not in done) and kind_of(due_id) is not Kind.TALLY
        ]
        if not todo:
            return
        for due_id in todo:
            run_due_work(services, due_id, now)
        done.update(todo)


def report_mail_event(
    services: Services, box_id: str, event: ReportType, now: datetime
) -> ReportType:
    """Report an event of a mail, as the tester chooses. Raises NotFound."""
    mailbox, mail = _find_mail(services, box_id)
    handle_mail_event(services, mail.mail_id, MailEvent(type=event, at=now), now)
    mailbox.add_event(box_id, event)
    return event


def report_ses_event(
    services: Services, box_id: str, document: Mapping[str, Any], now: datetime
) -> ReportType | None:
    """Report an event of a mail as an SES event document, which the queue's handler processes.

    Message id, tags and recipient are those of the mail; envelopes of the document are taken off.
    Returns the type of the event; None when the handler passes over such a document. Raises
    NotFound.
    """
    mailbox, mail = _find_mail(services, box_id)
    try:
        recorded = handle_report(services, json.dumps(_address_event(unwrap(document), mail)), now)
    except NotYet as forgotten:  # retention has deleted the record of the mail
        raise NotFound() from forgotten
    if recorded is None:
        return None
    mailbox.add_event(box_id, recorded.type)
    return recorded.type


def _find_mail(services: Services, box_id: str) -> tuple[Mailbox, BoxedMail]:
    """Return the mailbox and a mail in it. Raises NotFound."""
    mailbox = services.mailbox
    mail = mailbox.get(box_id) if mailbox else None
    if mailbox is None or mail is None:
        raise NotFound()
    return mailbox, mail


def _address_event(document: Mapping[str, Any], mail: BoxedMail) -> dict[str, Any]:
    """Return an event document that is about this mail and its recipient."""
    sent = document.get("mail")
    about = {
        "timestamp": rfc3339(mail.at),
        **(sent if isinstance(sent, dict) else {}),
        "messageId": mail.id,
        "destination": [mail.to],
        "tags": {"mail": [mail.mail_id]},
    }
    return {name: _name_recipient(one, mail.to) for name, one in document.items()} | {"mail": about}


def _name_recipient(detail: Any, address: str) -> Any:
    """Return a part of an event document with this address as every recipient of it."""
    if not isinstance(detail, dict):
        return detail
    people = {
        name: [one | {"emailAddress": address} for one in detail[name] if isinstance(one, dict)]
        for name in ("bouncedRecipients", "complainedRecipients", "delayedRecipients")
        if isinstance(detail.get(name), list)
    }
    return detail | people | ({"recipients": [address]} if "recipients" in detail else {})


def _check_calendars(services: Services, target: datetime, call: str) -> None:
    """Raise Invalid when deadlines at the target lie beyond the end of the calendars."""
    calendars = services.calendars
    try:
        calendars.end_of_day(target, LONGEST, CalendarRegion())
    except CalendarEnded as end:
        pointer = "/advance" if call.startswith("advance") else "/to"
        values = {"until": f"{end.until}-12-01"}
        raise Invalid([Finding(code="clock_too_far", pointer=pointer, values=values)]) from end


def _find_next(services: Services, until: datetime) -> tuple[str, datetime] | None:
    """Find what is due next, except insights: they are due every hour, and are counted once."""
    due = services.store.queues.list_due(until, 2)
    return next((one for one in due if kind_of(one[0]) is not Kind.TALLY), None)
