"""A claim's whole life, counted: units, calls, requests, messages, log. `bench.money` pays for it.

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
    """`steps`: what each operation used. `requests` to the API, `messages` through queues, `log`
    and `stored` in bytes.
    """

    steps: dict[str, Used] = field(default_factory=dict)
    requests: int = 0
    messages: int = 0
    mails: int = 0
    log: int = 0
    stored: int = 0

    @property
    def writes(self) -> int:
        return sum(one.written for one in self.steps.values())

    @property
    def reads(self) -> float:
        return sum(one.reads for one in self.steps.values())

    @property
    def trips(self) -> int:
        return sum(one.calls.trips for one in self.steps.values())

    @property
    def calls(self) -> int:
        return sum(len(one.calls.names) for one in self.steps.values())


def lived() -> Life:
    """Lives it."""
    life, service, said = Life(), Metered(), io.StringIO()

    def step(name: str, do: Callable[[], Any]) -> Any:
        with service.meter.metered() as used, contextlib.redirect_stdout(said):
            done = do()
        life.steps[name] = used
        return done

    filing = service.filing()
    rows = len(service.engine.rows), sum(size(row) for row in service.engine.rows.values())
    its = step("file", lambda: service.file(filing))
    step("notify: two notices, one receipt", service.work)
    events = step("deliver: two addresses", service.delivered)
    page = service.page()
    step("customer's page", lambda: service.call("GET", page))
    tag = step("reviewer reads the case", lambda: service.tag(its))
    tag = step("review: start", lambda: service.review(its, "start", tag))
    step("approve", lambda: service.review(its, "approve", tag))
    step("tell the partner", service.work)
    due = service.services.store.claims.get_many([its])[0].answer.due_at
    assert due
    _reminded(service, its, due - timedelta(hours=1), said)
    service.clock.moment = due
    service.outside.enqueue([its])  # the sweep's message
    step("silence and activation, told", service.work)
    for number in (1, 2):
        step(
            f"partner reads the claim ({number})", lambda: service.call("GET", f"/v1/claims/{its}")
        )
    life.requests, life.mails = service.requests, len(service.outside.mails)
    life.messages = service.outside.messages + events
    life.log, life.stored = (
        len(said.getvalue()),
        sum(size(row) for row in service.engine.rows.values()) - rows[1],
    )
    return life


def _reminded(service: Metered, its: str, moment: datetime, said: io.StringIO) -> None:
    """The reminder on the third day, which the goal's list of operations does not have: lived
    through, not counted.
    """
    before, mails = service.outside.messages, len(service.outside.mails)
    service.clock.moment = moment
    with contextlib.redirect_stdout(said):
        run_due_work(service.services, its, moment)
        service.work()
    del service.outside.mails[mails:]
    service.outside.messages = before


def main() -> None:
    """Prints it."""
    life = lived()
    print(f"\n{'operation':<36}{'trips':>6}{'calls':>6}{'reads':>7}{'writes':>7}")
    for name, used in life.steps.items():
        print(
            f"{name:<36}{used.calls.trips:>6}{len(used.calls.names):>6}{used.reads:>7g}{used.written:>7}"
        )
    print(f"{'whole life':<36}{life.trips:>6}{life.calls:>6}{life.reads:>7g}{life.writes:>7}")
    print(
        f"goals: filing at most {GOALS['file']} write units: "
        f"{_met(life.steps['file'].written, GOALS['file'])}; "
        f"a life {GOALS['writes']} write units: {_met(life.writes, GOALS['writes'])}, "
        f"{GOALS['reads']} read units: {_met(life.reads, GOALS['reads'])}"
    )
    print(
        f"{life.requests} requests, {life.messages} messages, {life.mails} mails, "
        f"{life.log:,} bytes of log, {life.stored:,} bytes stored"
    )


def _met(is_: float, goal: float) -> str:
    return "met" if is_ <= goal else f"MISSED by {is_ - goal:g}"


if __name__ == "__main__":
    main()
