"""The test clock and the mailbox of sandbox stages.

Time moves, and what falls due on the way happens in order.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from chalicelib.domain.base import rfc3339
from chalicelib.domain.calendars import CalendarRegion
from chalicelib.domain.claim import OUTBOX_RETRY_SECONDS
from chalicelib.domain.findings import Finding
from chalicelib.domain.mail_records import MailEvent
from chalicelib.domain.refusals import CalendarEnded, Invalid, NotFound
from chalicelib.ports import MovableClock, Services
from chalicelib.usecases.due_work import run_due_work
from chalicelib.usecases.mail_events import handle_mail_event

# Business days, more than any deadline has: from wherever the clock stands each can be calculated.
LONGEST = 15
ROUNDS = 20  # in which everything that is due causes nothing further any more
DUE_PAGE = 200  # ids that are read at once


@dataclass(frozen=True)
class MoveClock:
    """Move the clock forward.

    Attributes:
        call: the call, in words; repeated, it goes on where it stopped.
        target: where the clock is to stand.
    """

    call: str
    target: datetime


@dataclass(frozen=True)
class Moved:
    """Where the clock stands, and where it is going when it has not arrived."""

    now: datetime
    target: datetime | None = None


def move_clock(
    services: Services, clock: MovableClock, command: MoveClock, is_out_of_time: Callable[[], bool]
) -> Moved:
    """Move the clock, doing everything that falls due on the way, in order.

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
    return Moved(clock.now())


def run_all_due(services: Services, now: datetime) -> None:
    """Do everything that is due now, and send every notification, before a response.

    So a tester never has to wait for a worker. A worker that does the same at the same time does no
    harm.
    """
    done: set[str] = set()
    until = now + timedelta(seconds=OUTBOX_RETRY_SECONDS)
    for _ in range(ROUNDS):
        # An outbox is due only later, in case its sender is stopped; here it is emptied once.
        todo = [
            due_id
            for due_id, due_at in services.store.queues.list_due(until, DUE_PAGE)
            if due_at <= now or due_id not in done
        ]
        if not todo:
            return
        for due_id in todo:
            run_due_work(services, due_id, now)
        done.update(todo)


def report_mail_event(services: Services, box_id: str, event: str, now: datetime) -> None:
    """Report what became of a mail, as the tester says. Raises NotFound."""
    mailbox = services.mailbox
    mail = mailbox.get(box_id) if mailbox else None
    if mailbox is None or mail is None:
        raise NotFound()
    mail_event = MailEvent.model_validate({"type": event, "at": now})
    handle_mail_event(services, mail.mail_id, mail_event, now)
    mailbox.add_event(box_id, event)


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
    due = services.store.queues.list_due(until, 1)
    return due[0] if due else None
