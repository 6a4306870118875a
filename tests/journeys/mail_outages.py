"""A mail service that fails for a day, at random: `python -m tests.journeys.mail_outages 1000`.

It refuses, throttles, or answers too late, and reports what it has taken at once, late, or never.
"""

import json
import random
import sys
from collections import Counter
from contextlib import redirect_stdout
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from io import StringIO
from typing import Any

from chalicelib.ports.mail import MailPostponed, OutcomeUnknown
from chalicelib.runtime.queue_handlers import handle_mail_events
from chalicelib.usecases.due_work import run_due_work
from tests.support.in_process import in_process

OUTAGE, AFTERWARDS = timedelta(hours=24), timedelta(hours=8)
MAX_ROUNDS = 12  # 2 + 4 + … + 256 minutes are 8.5 hours, then every six hours
MAX_UNCONFIRMED_ROUNDS = 10  # from 30 minutes on


@dataclass
class FailingService:
    """A `MailSender` in an outage. `taken`: by mail, how often the service has taken it.

    failures: how likely it is that a mail is refused, and that the answer comes too late.
    """

    real: Any
    rng: random.Random
    until: datetime
    failures: tuple[float, float]
    taken: Counter[str] = field(default_factory=Counter)
    attempts: Counter[str] = field(default_factory=Counter)
    reports: list[tuple[datetime, str, str]] = field(default_factory=list)

    def send(self, mail: Any, now: datetime) -> Any:
        self.attempts[mail.id] += 1
        refused, slow = self.failures if now < self.until else (0, 0)
        drawn = self.rng.random()
        if drawn < refused:
            raise MailPostponed()
        is_slow = drawn < refused + slow
        if is_slow and self.rng.random() < 0.5:
            raise OutcomeUnknown()
        self.taken[mail.id] += 1
        provider_id = self.real.send(mail, now)
        self.reports.append((now, mail.id, provider_id))
        if is_slow:
            raise OutcomeUnknown()
        return provider_id


@dataclass
class Outage:
    """One outage. `delay`: how late the service reports what it has taken; None: never."""

    seed: int

    def __post_init__(self) -> None:
        self.rng = random.Random(self.seed)
        self.delay = self.rng.choice((timedelta(0), timedelta(hours=2), None))
        self.failures = self.rng.choice(((1.0, 0.0), (0.7, 0.0), (0.0, 1.0), (0.4, 0.4)))

    def run(self) -> FailingService:
        """File a claim, let the day pass and the service return. Raises AssertionError."""
        with redirect_stdout(StringIO()), in_process() as service:
            service.kick = lambda: None
            customer = service.customer()
            assert service.services is not None
            start = service.services.clock.now()
            real = service.services.mail_sender
            sender = FailingService(real, self.rng, start + OUTAGE, self.failures)
            service.exchange(mail_sender=sender)
            body = customer.filing()
            claim_id = service.post("/v1/claims", body, by=customer.by())["claims"][0]["id"]
            at = start
            while at <= start + OUTAGE + AFTERWARDS:
                run_due_work(service.services, claim_id, at)
                self._report(service.services, sender, at)
                claim = service.services.store.claims.get(claim_id).claim
                assert claim.answer.state != "not_objected", "silence was counted in an outage"
                at = max(min(claim.due_at or at, at + timedelta(minutes=30)), at + MINUTE)
            assert not claim.outbox, f"never sent: {claim.outbox}"
        self._check(sender)
        return sender

    def _report(self, services: Any, sender: FailingService, now: datetime) -> None:
        for one in list(sender.reports):
            at, mail_id, provider_id = one
            if self.delay is None or at + self.delay > now:
                continue
            sender.reports.remove(one)
            mail = {"timestamp": at.isoformat(), "messageId": provider_id}
            event = {"eventType": "Send", "send": {}, "mail": mail | {"tags": {"mail": [mail_id]}}}
            handle_mail_events(services, [{"messageId": "1", "body": json.dumps(event)}])

    def _check(self, sender: FailingService) -> None:
        assert sender.taken.keys() == sender.attempts.keys(), "a mail was lost"
        assert max(sender.attempts.values()) <= MAX_ROUNDS, f"attempts: {sender.attempts}"
        most = 1 if self.delay == timedelta(0) else MAX_UNCONFIRMED_ROUNDS
        assert max(sender.taken.values()) <= most, f"copies: {sender.taken}"


MINUTE = timedelta(minutes=1)


def run_outages(count: int) -> str:
    """Run so many outages, and return the figures. Raises AssertionError for the first failure."""
    mails = attempts = copies = reported = 0
    for seed in range(count):
        outage = Outage(seed)
        try:
            sender = outage.run()
        except AssertionError as failure:
            raise AssertionError(f"outage {seed}: {failure}") from failure
        mails += len(sender.taken)
        attempts += sum(sender.attempts.values())
        again = sum(sender.taken.values()) - len(sender.taken)
        copies += again
        reported += again if outage.delay == timedelta(0) else 0
    return (
        f"{count:,} outages, {mails:,} mails, {attempts:,} attempts: 0 lost, 0 early, "
        f"{reported} second copies where the service reported in time, {copies} elsewhere"
    )


if __name__ == "__main__":
    print(run_outages(int(sys.argv[1])))
