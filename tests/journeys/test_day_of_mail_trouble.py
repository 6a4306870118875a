"""A day on which SES is slow, refuses, throttles, loses answers and fails, minute by minute.

The product's own client talks to a server over HTTP; sweep, worker and mail events are the real
handlers, over queues with the template's visibility and dead letters. `pytest -s` prints the
figures.
"""

import io
import json
import random
from collections import Counter
from contextlib import redirect_stdout
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest

from chalicelib.aws.clients import MAIL_CONFIG, make_client
from chalicelib.aws.queue import SqsWorkQueue
from chalicelib.aws.ses import SesMailSender
from chalicelib.runtime.metrics import LoggedMailSender
from chalicelib.runtime.queue_handlers import handle_mail_events, handle_sweep, handle_work
from tests.infra.test_alarms import is_raised
from tests.simulation.environment import MINUTE, Messages
from tests.support.fake_ses import (
    FAILING,
    OVER_QUOTA,
    PAUSED,
    SILENT,
    THROTTLED,
    WELL,
    Behaviour,
    FakeSes,
    Taken,
    fake_ses,
)
from tests.support.in_process import in_process
from tests.support.service import Service
from tools.packaging.package import ROOT
from tools.packaging.template import read_additions

pytestmark = pytest.mark.slow
TIMEOUT = 0.5  # seconds, in place of 25; the client is the product's otherwise
SLOW = Behaviour(seconds=1.5 * TIMEOUT)  # takes the mail, and answers too late
# From which hour of the day on SES behaves how.
DAY = (
    (0, SLOW),
    (6, PAUSED),
    (10, THROTTLED),
    (13, OVER_QUOTA),
    (15, SILENT),
    (18, FAILING),
    (20, WELL),
)
HOURS = 30  # the last attempt may wait six hours for its turn
CLAIMS = 20  # one an hour, while there is trouble
TEMPLATE = read_additions(ROOT / "infra", "prod")["Resources"]


@dataclass(frozen=True)
class Figures:
    """What the day has come to.

    attempts, copies: how often each mail was handed over, and how often it went out.
    work_messages: messages in the worker's queue.
    not_accepted: the figure of the alarm in each minute.
    unsent: claims that still have something to send.
    """

    attempts: Counter[str]
    copies: Counter[str]
    work_messages: int
    dead_letters: int
    not_accepted: list[float]
    unsent: list[str]

    def __str__(self) -> str:
        most, copies = max(self.attempts.values()), max(self.copies.values())
        return (
            f"{len(self.attempts)} mails: {sum(self.attempts.values())} attempts, at most {most} "
            f"of a mail; at most {copies} copies; {self.work_messages} messages of work, "
            f"{self.dead_letters} dead letters"
        )


class Day:
    """A service whose mails go to a mail service in trouble, and its clock."""

    def __init__(self, service: Service, ses: FakeSes, reports: bool) -> None:
        self.service, self.ses = service, ses
        self.claims: list[str] = []
        assert service.services
        self.start = self.moment = service.services.clock.now()
        self.work = self._make_queue("WorkQueue")
        self.events = self._make_queue("MailEventsQueue")
        client = make_client("sesv2", ses.url, **{**MAIL_CONFIG, "read_timeout": TIMEOUT})
        sender = SesMailSender(client, "por@vendor.example", "set")
        ses.behave = lambda mail, call: self._behave()
        ses.reports = self._report if reports else ses.reports
        service.kick = lambda: None
        service.exchange(
            clock=self,
            mailbox=None,
            mail_sender=LoggedMailSender(sender),
            work_queue=SqsWorkQueue(self, "work"),
        )

    def now(self) -> datetime:
        return self.moment

    def send_message_batch(self, QueueUrl: str, Entries: list[dict[str, str]]) -> dict[str, str]:
        for entry in Entries:
            self.work.put(entry["MessageBody"])
        return {}

    def run_minute(self) -> None:
        """Do what the schedule and the two queues would, and let a minute pass."""
        services = self.service.services
        assert services
        handle_sweep(services)
        for queue, handle in ((self.work, handle_work), (self.events, handle_mail_events)):
            while messages := queue.receive(10):
                records = [{"messageId": one.id, "body": one.body} for one in messages]
                answer = handle(services, records)["batchItemFailures"]
                failed = {one["itemIdentifier"] for one in answer}
                for one in messages:
                    (queue.fail if one.id in failed else queue.delete)(one)
        self.moment += timedelta(minutes=1)

    def _make_queue(self, name: str) -> Messages:
        hidden = TEMPLATE[name]["Properties"]["VisibilityTimeout"] * 1000
        return Messages(random.Random(0), self._read_ms, hidden, again=0)

    def _read_ms(self) -> int:
        return int((self.moment - self.start).total_seconds() * 1000)

    def _behave(self) -> Behaviour:
        hour = self._read_ms() // (60 * MINUTE)
        return next(behaviour for since, behaviour in reversed(DAY) if since <= hour)

    def _report(self, mail: Taken) -> None:
        """Publish the event `Send`, as SES does for what it has taken."""
        now = self.moment.astimezone(UTC).isoformat()
        about = {"timestamp": now, "messageId": mail.provider_id, "tags": {"mail": [mail.mail_id]}}
        body = json.dumps({"eventType": "Send", "mail": about, "send": {}})
        self.events.put(body, self._read_ms() + MINUTE)


def live_through(day: Day) -> Figures:
    """Live through the day, and return what it has come to."""
    not_accepted = []
    for minute in range(HOURS * 60):
        printed = io.StringIO()
        with redirect_stdout(printed):
            if minute % 60 == 0 and minute // 60 < CLAIMS:
                customer = day.service.customer()
                filed = day.service.post("/v1/claims", customer.filing(), by=customer.by())
                day.claims += [claim["id"] for claim in filed["claims"]]
            day.run_minute()
        lines = map(json.loads, printed.getvalue().splitlines())
        not_accepted.append(sum(line.get("MailsNotAccepted", 0) for line in lines))
    return Figures(
        attempts=day.ses.calls,
        copies=day.ses.count_copies(),
        work_messages=day.work.numbers,
        dead_letters=len(day.work.dead) + len(day.events.dead),
        not_accepted=not_accepted,
        unsent=read_outboxes(day),
    )


def read_outboxes(day: Day) -> list[str]:
    """Return the claims that still have something to send."""
    services = day.service.services
    assert services
    claims = services.store.claims.get_many(day.claims)
    assert len(claims) == CLAIMS
    return [claim.id for claim in claims if claim.outbox]


@pytest.fixture(scope="module", params=[True, False], ids=["reported", "not reported"])
def figures(request: pytest.FixtureRequest) -> Figures:
    """A day in which SES reports what it has taken (the event `Send`), and one in which not."""
    with in_process() as service, fake_ses() as ses:
        found = live_through(Day(service, ses, reports=request.param))
    print(f"\n{'reported' if request.param else 'not reported'}: {found}")
    return found


def test_every_mail_goes_out_and_no_message_is_lost(figures):
    assert figures.copies.keys() == figures.attempts.keys()
    assert figures.unsent == []
    assert figures.dead_letters == 0


def test_attempts_become_rare(figures):
    # 2 + 4 + … + 256 minutes are eight attempts in 8.5 hours; then one every six hours.
    assert max(figures.attempts.values()) <= 12


def test_what_is_reported_goes_out_once_and_else_a_second_copy_is_rare(figures, request):
    is_reported = "not" not in request.node.callspec.id
    # Neither answered nor reported for six hours: after 0, 30, 90 and 210 minutes; and once more
    # in each of the later troubles, when attempts are six hours apart.
    assert max(figures.copies.values()) <= (1 if is_reported else 6)


def test_the_alarm_goes_off_within_an_hour_of_refusals_and_ends(figures):
    alarm = TEMPLATE["MailsNotAcceptedAlarm"]["Properties"]
    length = alarm["Period"] // 60
    starts = range(0, HOURS * 60, length)
    periods = [sum(figures.not_accepted[at : at + length]) for at in starts]
    an_hour = 60 // length

    refused_from = next(hour for hour, behaviour in DAY if behaviour is PAUSED) * an_hour
    assert is_raised(alarm, *periods[refused_from : refused_from + an_hour])
    assert not is_raised(alarm, *periods[-3 * an_hour :])
