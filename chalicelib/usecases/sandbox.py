"""The test clock and the mailbox of sandbox stages: time moves, and what falls due on the way
happens in order.

What carries that out is loaded when time moves: every process reads this file, and most are no
sandbox's.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from chalicelib.domain.claim import OUTBOX_RETRY_SECONDS
from chalicelib.domain.findings import Finding
from chalicelib.domain.mail_records import MailEvent
from chalicelib.domain.refusals import Invalid, NotFound
from chalicelib.ports import Services
from chalicelib.text.calendars import CalendarEnds

# business days, more than any deadline has: from wherever the clock stands each can be reckoned
LONGEST = 15


class ClockState(Protocol):
    @property
    def target(self) -> datetime | None: ...
    @property
    def asked(self) -> str | None: ...


class MovableClock(Protocol):
    def now(self) -> datetime: ...
    def hands(self) -> ClockState: ...
    def set(
        self, now: datetime, target: datetime | None = None, asked: str | None = None
    ) -> None: ...


@dataclass(frozen=True)
class Moved:
    """Where the clock stands, and where it is going when it has not arrived."""

    now: datetime
    target: datetime | None = None


def move(
    services: Services,
    clock: MovableClock,
    asked: str,
    target: datetime,
    running_out: Callable[[], bool],
) -> Moved:
    """Moves the clock to `target`, doing on the way everything that falls due, in order. `asked`
    names the call: made again, it goes on where it stopped. `running_out` says when to stop and
    answer.
    """
    from chalicelib.usecases.due_work import run_due_work

    hands = clock.hands()
    if hands.target is not None and hands.asked == asked:
        target = hands.target
    now = clock.now()
    if target < now:
        raise Invalid(
            [Finding(code="clock_backwards", pointer="/to", values={"now": now.isoformat()})]
        )
    _reckonable(services, target, asked)
    clock.set(now, target, asked)
    while due := _next(services, target):
        if running_out():
            return Moved(clock.now(), target)
        some_id, moment = due
        now = max(moment, clock.now())
        clock.set(now, target, asked)
        run_due_work(services, some_id, now)
    clock.set(max(target, clock.now()))
    return Moved(clock.now())


def settle(services: Services, now: datetime, rounds: int = 20) -> None:
    """Everything that is due now and everything still to be told, done before an answer: nobody who
    looks has to wait for a worker. A worker that does the same at the same time does no harm.
    """
    from chalicelib.usecases.due_work import run_due_work

    seen: set[str] = set()
    for _ in range(rounds):
        enqueue = services.store.queues.list_due(now + timedelta(seconds=OUTBOX_RETRY_SECONDS), 200)
        todo = [some_id for some_id, due in enqueue if due <= now or some_id not in seen]
        if not todo:
            return
        for some_id in todo:
            run_due_work(services, some_id, now)
        seen.update(todo)


def say(services: Services, box_id: str, event: str, now: datetime) -> None:
    """Lets the tester say what became of a mail. Raises NotFound."""
    from chalicelib.usecases.mail_events import mail_event

    mail = services.mailbox.mail(box_id) if services.mailbox else None
    if mail is None or services.mailbox is None:
        raise NotFound()
    mail_event(services, mail.mail_id, MailEvent.model_validate({"type": event, "at": now}), now)
    services.mailbox.told(box_id, event)


def _reckonable(services: Services, target: datetime, asked: str) -> None:
    """Nothing can be reckoned beyond the calendars, so the clock does not go there.

    Raises Invalid.
    """
    try:
        services.calendars.end_of_day(
            target, LONGEST, None, None, services.calendars.zone(None, None)
        )
    except CalendarEnds as end:
        pointer = "/advance" if asked.startswith("advance") else "/to"
        raise Invalid(
            [Finding(code="clock_too_far", pointer=pointer, values={"until": f"{end.until}-12-01"})]
        ) from end


def _next(services: Services, until: datetime) -> tuple[str, datetime] | None:
    due = services.store.queues.list_due(until, 1)
    return due[0] if due else None
