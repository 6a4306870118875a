"""Count a claim's whole life: units, calls, requests, messages, log. `bench.money` prices it.

    python -m bench.life

File, notify, deliver, page, review, approve, silence, activate, in production's set-up. Write units
agree with what the emulator reports (`bench.units`); read units are charged by the same rules
(`bench.metering`).
"""

import contextlib
import io
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from chalicelib.usecases.due_work import run_due_work

from .metered import Metered
from .metering import Used, size

GOALS = {"file": 14, "writes": 67, "reads": 38}  # docs/scale.md


@dataclass
class Life:
    """What a claim's life used.

    Attributes:
        steps: what each operation used.
        requests: requests to the API.
        messages: messages through the queues.
        mails: mails that were sent.
        log: bytes of log.
        stored: bytes that were added to the table.
    """

    steps: dict[str, Used] = field(default_factory=dict)
    requests: int = 0
    messages: int = 0
    mails: int = 0
    log: int = 0
    stored: int = 0

    @property
    def writes(self) -> int:
        return sum(used.write_units for used in self.steps.values())

    @property
    def reads(self) -> float:
        return sum(used.read_units for used in self.steps.values())

    @property
    def trips(self) -> int:
        return sum(used.calls.trips for used in self.steps.values())

    @property
    def calls(self) -> int:
        return sum(len(used.calls.names) for used in self.steps.values())


def count_life() -> Life:
    """Run a claim through its life and count."""
    life, service, log = Life(), Metered(), io.StringIO()

    def step(name: str, do: Callable[[], Any]) -> Any:
        with service.meter.count_calls() as used, contextlib.redirect_stdout(log):
            result = do()
        life.steps[name] = used
        return result

    filing = service.filing()
    stored_before = _measure_table(service)
    claim_id = step("file", lambda: service.file(filing))
    step("notify: two notices, one receipt", service.work)
    events = step("deliver: two addresses", service.deliver)
    page = service.page()
    step("customer's page", lambda: service.call("GET", page))
    tag = step("reviewer reads the case", lambda: service.tag(claim_id))
    tag = step("review: start", lambda: service.review(claim_id, "start", tag))
    step("approve", lambda: service.review(claim_id, "approve", tag))
    step("notify the partner", service.work)
    due = service.claim(claim_id).answer.due_at
    assert due
    _remind(service, claim_id, due - timedelta(hours=1))
    service.clock.moment = due
    service.outside.enqueue([claim_id])  # the sweep's message
    step("silence and activation, notified", service.work)
    for number in (1, 2):
        step(
            f"partner reads the claim ({number})",
            lambda: service.call("GET", f"/v1/claims/{claim_id}"),
        )
    life.requests, life.mails = service.requests, len(service.outside.mails)
    life.messages = service.outside.messages + events
    life.log, life.stored = len(log.getvalue()), _measure_table(service) - stored_before
    return life


def _measure_table(service: Metered) -> int:
    """The bytes in the table."""
    return sum(size(row) for row in service.engine.rows.values())


def _remind(service: Metered, claim_id: str, moment: datetime) -> None:
    """Send the reminder of the third day without counting it: the goal does not include it."""
    before, mails = service.outside.messages, len(service.outside.mails)
    service.clock.moment = moment
    with contextlib.redirect_stdout(io.StringIO()):
        run_due_work(service.services, claim_id, moment)
        service.work()
    del service.outside.mails[mails:]
    service.outside.messages = before


def main() -> None:
    """Count, and print the result."""
    life = count_life()
    print(f"\n{'operation':<36}{'trips':>6}{'calls':>6}{'reads':>7}{'writes':>7}")
    for name, used in life.steps.items():
        calls = f"{used.calls.trips:>6}{len(used.calls.names):>6}"
        print(f"{name:<36}{calls}{used.read_units:>7g}{used.write_units:>7}")
    print(f"{'whole life':<36}{life.trips:>6}{life.calls:>6}{life.reads:>7g}{life.writes:>7}")
    print(
        f"goals: filing at most {GOALS['file']} write units: "
        f"{_format_verdict(life.steps['file'].write_units, GOALS['file'])}; "
        f"a life {GOALS['writes']} write units: {_format_verdict(life.writes, GOALS['writes'])}, "
        f"{GOALS['reads']} read units: {_format_verdict(life.reads, GOALS['reads'])}"
    )
    print(
        f"{life.requests} requests, {life.messages} messages, {life.mails} mails, "
        f"{life.log:,} bytes of log, {life.stored:,} bytes stored"
    )


def _format_verdict(value: float, goal: float) -> str:
    return "met" if value <= goal else f"MISSED by {value - goal:g}"


if __name__ == "__main__":
    main()
