"""One seed: requests, queues, sweeps and time, in an order that the seed draws, with its faults."""

import io
import random
from collections import Counter, defaultdict
from collections.abc import Callable
from contextlib import redirect_stdout
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from chalicelib.aws.rows import Rows
from chalicelib.domain.refusals import Unavailable
from tests.simulation import settling
from tests.simulation.actors import Actors
from tests.simulation.customers import Customers, sign_request
from tests.simulation.directory_data import DirectoryData
from tests.simulation.environment import DAY, HOUR, MINUTE, MailService, Messages
from tests.simulation.faulty_clients import Connection, FaultRates
from tests.simulation.handlers import Running, find_unexpected_errors
from tests.simulation.observer import Observer
from tests.simulation.prelude import Prelude
from tests.simulation.process import Process, moment
from tests.simulation.records import Broken, Records
from tests.simulation.requests import Request
from tests.simulation.scheduler import Scheduler
from tests.support.api_gateway import Response
from tests.support.memory_dynamodb import MemoryDynamoDB

START = 1_767_225_600_000  # 2026-01-01T00:00:00Z
AT_ONCE = 3  # handlers that run at the same time at most


@dataclass
class Simulation:
    """A run of the service, drawn from a seed; `run` plays it.

    Attributes:
        engine: the database.
        story: what happened, one line per step.
        steps: how many steps handlers have taken.
        started: how many handlers have been started.
        insight_stops: how often counting insights was stopped at the end.
    """

    seed: int
    engine: MemoryDynamoDB = field(default_factory=MemoryDynamoDB)
    story: list[str] = field(default_factory=list)
    steps: int = 0
    started: int = 0
    insight_stops: int = 0

    def __post_init__(self) -> None:
        self.rng = random.Random(self.seed)
        self.now = START + self.rng.randrange(330) * DAY + self.rng.randrange(DAY)
        self.scheduler, self.faults = Scheduler(), FaultRates.draw(self.rng)
        self.records = Records(self.engine)
        self.work = Messages(self.rng, self.ms, 6 * MINUTE)
        self.events = Messages(self.rng, self.ms, 3 * MINUTE)
        self.mail_service = MailService(self.rng, self.ms, self.events)
        # It is written long before the start, so that no eventually consistent read misses it.
        self.directory = DirectoryData(Rows(self.engine, "cpor"), self.rng, self.now)
        self.engine.ms = self.ms
        self.actors = Actors(self.rng, self.ms, self.records.claims, self.records.cases)
        self.customers = Customers(self.rng, self.ms, self.records.claims, self.mail_service)
        self.observer = Observer(self.records, self.mail_service, self.ms, self.story)
        self.running: list[Running] = []
        self.processes: dict[str, list[Process]] = defaultdict(list)
        self.log, self.read = io.StringIO(), 0

    def ms(self) -> int:
        """Return the time in milliseconds since 1970."""
        return self.now

    def writer(self) -> str:
        """Return the label of the handler that runs now."""
        return self.scheduler.running.label if self.scheduler.running else "the feed"

    def notify(self, what: str) -> None:
        """Add a line to the story."""
        self.story.append(f"{moment(self.now):%m-%d %H:%M:%S.%f} {self.writer()} | {what}"[:400])

    def counts(self) -> Counter[str]:
        """Count what the seed has come to so far."""
        stops = {"stops while insights were counted": self.insight_stops}
        return Counter({"steps": self.steps, **self.observer.counts(), **stops})

    def run(self, tasks: int = 110) -> "Simulation":
        """Run so many handlers with faults, then ten days without.

        Raises Broken for a promise that does not hold.
        """
        self.records.writes()  # skip those of the directory
        try:
            with redirect_stdout(self.log):
                Prelude(self).play()
                self._play(self.started + tasks)
                settling.run_without_faults(self)
        finally:
            for one in list(self.running):
                self.scheduler.end(one.task)
        return self

    def _play(self, tasks: int) -> None:
        while self.started < tasks or self.running:
            if self.running and (
                self.started >= tasks or len(self.running) >= AT_ONCE or self.rng.random() < 0.72
            ):
                self.now += self.rng.randrange(40)
                self._step(self.rng.choice(self.running))
            else:
                self._next()

    def _next(self) -> None:
        """Start something new."""
        self.rng.choices(
            (
                lambda: self._ask(self.actors.request()),
                lambda: self._ask(self.customers.request()),
                lambda: self.deliver("worker"),
                lambda: self.deliver("mail_events"),
                self._sweep,
                self._advance,
                self._change_feed,
            ),
            (9, 2 if self.actors.contested else 5, 6, 5, 3, 6, 1),
        )[0]()

    def _step(self, one: Running) -> None:
        """Let one handler go on to its next call, and check every promise."""
        self.steps += 1
        done = self.scheduler.step(one.task)
        self.observer.check_writes(one.request)
        if not done:
            return
        self.running.remove(one)
        one.process.busy = False
        if one.task.stopped:
            self.notify(f"{one.task.label} was stopped")
            for some in self.processes.values():
                some[:] = [process for process in some if process is not one.process]
        one.finish(one.task.result)
        for line in find_unexpected_errors(self.log.getvalue()[self.read :]):
            raise Broken(f"a handler failed: {line}")
        self.read = len(self.log.getvalue())

    def _ask(self, request: Request | None, tries: int = 4) -> None:
        if request is None:
            return
        is_repeated = request.method == "POST" and request.key and self.rng.random() < 0.1
        for _ in range(2 if is_repeated else 1):
            self._request(request, tries)

    def serve(self, request: Request) -> None:
        """Serve a request while no other handler runs."""
        self._request(request, 0)
        self.finish()

    def _request(self, request: Request, tries: int) -> None:
        sent = sign_request(request, self.now) if request.who == "portal" else request
        process = self._process("api")

        def work() -> Response:
            return process.serve(
                sent.method,
                sent.path,
                json=sent.json,
                form=sent.form,
                headers=sent.headers,
                token=sent.who if sent.who.isidentifier() and sent.who != "portal" else None,
            )

        was_accepted = self.observer.answers.was_accepted(request)
        was_in_force = self.observer.make_association_check()

        def finish(answer: Response | None) -> None:
            self.notify(f"{request.label} -> {answer.status if answer else 'no answer'}")
            if answer:
                if answer.status == 500:
                    raise Broken(f"answered 500: {request.label}\n{self.log.getvalue()[-3000:]}")
                self.observer.answers.check_answer(request, answer, was_in_force, was_accepted)
            has_failed = answer is None or answer.status == 503
            if has_failed and tries and request.method != "GET" and self.rng.random() < 0.8:
                self._request(request, tries - 1)

        self.begin(request.label, process, work, finish, request)

    def deliver(self, kind: str, most: int = 3) -> None:
        """Start the handler of a queue (`worker` or `mail_events`) with some of its messages."""
        queue = self.work if kind == "worker" else self.events
        batch = queue.receive(most)
        if not batch:
            return
        process = self._process(kind)
        handle = process.work if kind == "worker" else process.hear
        records = [{"messageId": m.id, "body": m.body} for m in batch]

        def finish(failed: list[str] | None) -> None:
            for one in batch:
                if failed is None or one.id in failed:
                    queue.fail(one)
                else:
                    queue.delete(one)
                    self.observer.record_mail_event(one.body)

        label = f"{kind} {' '.join(m.id for m in batch)}"
        self.begin(label, process, lambda: handle(records), finish)

    def _sweep(self) -> None:
        for _ in range(self.rng.choice((1, 1, 1, 2))):
            process = self._process("sweep")
            self.begin("sweep", process, partial(_try_sweep, process), lambda count: None)

    def sweep_alone(self) -> None:
        """Sweep once, and let every handler finish."""
        process = self._process("sweep")
        self.begin("sweep", process, process.sweep, lambda count: None)
        self.finish()

    def _advance(self) -> None:
        """Advance the time: by seconds while a handler runs, else up to a deadline or by days."""
        small = (self.rng.randrange(1000), self.rng.randrange(20_000))
        if self.running:
            self.now += self.rng.choice(small)
            return
        due = self.next_due()
        jumps = [self.rng.randrange(5 * MINUTE), self.rng.randrange(HOUR), self.rng.randrange(DAY)]
        if due:
            jumps += [max(0, due - self.now) + self.rng.choice((-1, 0, 1, 4000, MINUTE))] * 6
        jumps += [3 * DAY] if self.rng.random() < 0.1 else []
        self.now += max(0, self.rng.choice(jumps))
        self.notify("time goes on")

    def next_due(self) -> int | None:
        """Return when the next deadline or message is due; None when nothing is to come."""
        times = [int(c.due_at.timestamp() * 1000) for c in self.records.claims.values() if c.due_at]
        times += [m.visible_at for m in (*self.work.waiting, *self.events.waiting)]
        return min((t for t in times if t > self.now), default=None)

    def _change_feed(self) -> None:
        if not self.running:
            self.notify(self.directory.change())
            self.records.writes()

    def begin(
        self,
        label: str,
        process: Process,
        work: Callable[[], Any],
        finish: Callable[[Any], None],
        request: Request | None = None,
    ) -> None:
        """Start a handler in a process. `finish` takes its result, None when it was stopped."""
        self.started += 1
        process.busy = True
        self.running.append(Running(self.scheduler.start(label, work), process, finish, request))

    def _process(self, kind: str) -> Process:
        """Return an idle process of a kind, or a new one with a clock and retries of its own."""
        idle = [p for p in self.processes[kind] if not p.busy]
        if idle:
            return idle[0]
        connection = Connection(
            self.scheduler, self.rng, self.faults, self.rng.choice((1, 1, 4)), self.notify
        )
        made = Process(f"{kind}{self.started}", connection, self.rng.randrange(-5000, 5001), self)
        self.processes[kind].append(made)
        return made

    def finish(self) -> None:
        """Let every handler finish, one after the other."""
        while self.running:
            self._step(self.running[0])


def _try_sweep(process: Process) -> int:
    """Sweep; -1 when the invocation failed: the next minute's sweep finds everything again."""
    try:
        return process.sweep()
    except (Unavailable, BotoCoreError, ClientError):
        return -1
