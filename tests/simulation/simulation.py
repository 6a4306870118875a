"""One seed's whole story: people, queues, sweeps and time, in an order that the seed draws, with
its faults.
"""

import io
import json
import random
from collections import Counter, defaultdict
from collections.abc import Callable
from contextlib import redirect_stdout
from dataclasses import dataclass, field
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from chalicelib.aws.rows import Rows
from chalicelib.domain.refusals import Unavailable
from tests.simulation import final_checks, promises, slots
from tests.simulation.actors import Actors
from tests.simulation.answers import Answers
from tests.simulation.customers import Customers, sign_request
from tests.simulation.directory_data import DirectoryData
from tests.simulation.environment import DAY, HOUR, MINUTE, MailService, Messages
from tests.simulation.evidence import Evidence
from tests.simulation.faulty_clients import Connection, FaultRates
from tests.simulation.handlers import Running, find_unexpected_errors
from tests.simulation.prelude import Prelude
from tests.simulation.process import Process, moment
from tests.simulation.records import Broken, Records
from tests.simulation.requests import Request
from tests.simulation.scheduler import Scheduler
from tests.support.api_gateway import Response
from tests.support.memory_dynamodb import MemoryDynamoDB

START = 1_767_225_600_000  # 2026-01-01T00:00:00Z
AT_ONCE = 3  # handlers under way at most


@dataclass
class Simulation:
    """Made of a seed; `run` plays it. `story`: what happened, one line per step. `engine`: another
    one, if wanted.
    """

    seed: int
    engine: MemoryDynamoDB = field(default_factory=MemoryDynamoDB)
    story: list[str] = field(default_factory=list)
    steps: int = 0

    def __post_init__(self) -> None:
        self.rng = random.Random(self.seed)
        self.now = START + self.rng.randrange(330) * DAY + self.rng.randrange(DAY)
        self.scheduler, self.faults = Scheduler(), FaultRates.draw(self.rng)
        self.records = Records(self.engine)
        self.work = Messages(self.rng, self.ms, 6 * MINUTE)
        self.events = Messages(self.rng, self.ms, 3 * MINUTE)
        self.mail_service = MailService(self.rng, self.ms, self.events)
        self.directory = DirectoryData(
            Rows(self.engine, "cpor"), self.rng, self.now
        )  # fed long ago: no read lags that far behind
        self.engine.ms = self.ms
        self.actors = Actors(self.rng, self.ms, self.records.claims, self.records.cases)
        self.customers = Customers(self.rng, self.ms, self.records.claims, self.mail_service)
        self.evidence = Evidence(self.records, self.mail_service, self.ms)
        self.answers = Answers(self.records)
        self.opt_outs = slots.OptOuts(self.records)
        self.running: list[Running] = []
        self.processes: dict[str, list[Process]] = defaultdict(list)
        self.held: dict[str, list[tuple[int, bool]]] = defaultdict(list)
        self.said, self.read = io.StringIO(), 0
        self.born = 0

    def ms(self) -> int:
        return self.now

    def writer(self) -> str:
        return self.scheduler.running.label if self.scheduler.running else "the feed"

    def notify(self, what: str) -> None:
        self.story.append(f"{moment(self.now):%m-%d %H:%M:%S.%f} {self.writer()} | {what}"[:400])

    def counts(self) -> Counter[str]:
        """What the seed has come to so far."""
        acts = Counter(entry.act for entries in self.records.history.values() for entry in entries)
        return Counter(
            {
                "steps": self.steps,
                "claims": len(self.records.claims),
                "requests accepted under a key": len(self.answers.first),
                "repeats of them": self.answers.repeats,
                "mails handed over": self.mail_service.taken,
                "told of by the mail service": len(self.mail_service.heard),
                "taken as not objected to": acts["customer.not_objected"],
                "opted out": acts["customer.opted_out"],
                "associations activated": acts["association.activated"],
                "cases opened": acts["arbitration.opened"],
            }
        )

    def run(self, tasks: int = 110) -> "Simulation":
        """Plays the seed: so many handlers' runs with faults, then ten days without."""
        self.records.writes()  # the directory's own
        try:
            with redirect_stdout(self.said):
                Prelude(self).play()
                self._play(self.born + tasks)
                self._calm()
        finally:
            for one in list(self.running):
                self.scheduler.end(one.task)
        return self

    def _play(self, tasks: int) -> None:
        while self.born < tasks or self.running:
            if self.running and (
                self.born >= tasks or len(self.running) >= AT_ONCE or self.rng.random() < 0.72
            ):
                self.now += self.rng.randrange(40)
                self._step(self.rng.choice(self.running))
            else:
                self._next()

    def _next(self) -> None:
        """Something new begins."""
        self.rng.choices(
            (
                self._somebody,
                self._customer,
                self._worker,
                self._listener,
                self._sweeper,
                self._time,
                self._feed,
            ),
            (9, 2 if self.actors.contested else 5, 6, 5, 3, 6, 1),
        )[0]()

    def _step(self, one: Running) -> None:
        """One handler goes on to its next call, and every promise is checked."""
        self.steps += 1
        done = self.scheduler.step(one.task)
        self._look(one)
        if not done:
            return
        self.running.remove(one)
        one.process.busy = False
        if one.task.stopped:
            self.notify(f"{one.task.label} was stopped")
            self.processes = defaultdict(
                list,
                {
                    kind: [p for p in some if p is not one.process]
                    for kind, some in self.processes.items()
                },
            )
        one.ended(one.task.result)
        for line in find_unexpected_errors(self.said.getvalue()[self.read :]):
            raise Broken(f"a handler failed: {line}")
        self.read = len(self.said.getvalue())

    def _look(self, one: Running | None) -> None:
        for write in self.records.writes():
            changed, items = self.records.take(write)
            self.opt_outs.check(changed)
            slots.check_superseded(changed)
            self.records.note(write)
            for change in changed:
                self.evidence.learn(change.after)
            for change in changed:
                self.held[change.after.id].append(
                    (change.after.rev, change.after.has_association_in_force)
                )
                promises.check(change)
                self.evidence.check(change)
                moves = (
                    f"{e.act} {' '.join(f'{m}: {a} → {b}' for m, (a, b) in e.moves.items())}"
                    for e in change.entries
                )
                self.story.append(
                    f"    {change.after.id[-8:]} of {change.after.organisation_id}: "
                    f"{'; '.join(moves)}"
                )
            for item in dict.fromkeys(items):
                slots.check(self.records, item)
            for row in write:
                promises.check_counter(row)
            if one and one.request:
                self.answers.check_write(one.request, write)

    def _somebody(self) -> None:
        self._ask(self.actors.request())

    def _customer(self) -> None:
        self._ask(self.customers.request())

    def _ask(self, request: Request | None, tries: int = 4) -> None:
        if request is None:
            return
        for _ in range(
            2 if request.method == "POST" and request.key and self.rng.random() < 0.1 else 1
        ):
            self._request(request, tries)

    def serve(self, request: Request) -> None:
        """A request that nothing else comes between."""
        self._request(request, 0)
        self._finish()

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

        def ended(answer: Response | None) -> None:
            self.notify(f"{request.label} -> {answer.status if answer else 'no answer'}")
            if answer:
                if answer.status == 500:
                    raise Broken(f"answered 500: {request.label}\n{self.said.getvalue()[-3000:]}")
                self.answers.check_answer(
                    request, answer, lambda claim: self._was_held_since(claim, started), before
                )
            if (
                (answer is None or answer.status == 503)
                and tries
                and request.method != "GET"
                and self.rng.random() < 0.8
            ):
                self._request(request, tries - 1)

        started, before = (
            {one: len(revs) for one, revs in self.held.items()},
            self.answers.was_accepted(request),
        )
        self._begin(request.label, process, work, ended, request)

    def _was_held_since(self, claim: str, started: dict[str, int]) -> bool:
        return any(held for _, held in self.held[claim][max(0, started.get(claim, 0) - 1) :])

    def _worker(self) -> None:
        self._deliver("worker", self.work, lambda process: process.work)

    def _listener(self) -> None:
        self._deliver("mail_events", self.events, lambda process: process.hear)

    def _deliver(
        self,
        kind: str,
        queue: Messages,
        handler: Callable[[Process], Callable[..., list[str]]],
        most: int = 3,
    ) -> None:
        batch = queue.receive(most)
        if not batch:
            return
        process = self._process(kind)
        records = [{"messageId": m.id, "body": m.body} for m in batch]

        def ended(failed: list[str] | None) -> None:
            for one in batch:
                if failed is None or one.id in failed:
                    queue.fail(one)
                else:
                    queue.delete(one)
                    self._record_event(one.body)

        self._begin(
            f"{kind} {' '.join(m.id for m in batch)}",
            process,
            lambda: handler(process)(records),
            ended,
        )

    def _record_event(self, body: str) -> None:
        """The service has taken in what became of a mail. A delivery of a message that was handed
        over before a stop, and then once more, is of no message on record and proves nothing.
        """
        said = json.loads(body)
        if "eventType" in said and not (
            said["eventType"] == "Bounce" and said["bounce"]["bounceType"] == "Transient"
        ):
            mail = said["mail"]["tags"]["mail"][0]
            record = self.records.mails.get(mail)
            if (
                said["eventType"] == "Delivery"
                and record
                and record.provider_id != said["mail"]["messageId"]
            ):
                return
            self.mail_service.heard.setdefault(
                (mail, said["eventType"]), self.mail_service.told[mail, said["eventType"]]
            )

    def _sweeper(self) -> None:
        for _ in range(self.rng.choice((1, 1, 1, 2))):
            process = self._process("sweep")
            self._begin("sweep", process, lambda p=process: self._swept(p), lambda count: None)  # type: ignore[misc]

    @staticmethod
    def _swept(process: Process) -> int:
        try:
            return process.sweep()
        except (Unavailable, BotoCoreError, ClientError):
            return -1  # the invocation has failed: the next minute's sweep finds it all again

    def _time(self) -> None:
        """Time goes on: by seconds while somebody is being served, else also to the next deadline,
        or by days.
        """
        small = (self.rng.randrange(1000), self.rng.randrange(20_000))
        if self.running:
            self.now += self.rng.choice(small)
            return
        due = self.next_due()
        jumps = [self.rng.randrange(5 * MINUTE), self.rng.randrange(HOUR), self.rng.randrange(DAY)]
        jumps += (
            [max(0, due - self.now) + self.rng.choice((-1, 0, 1, 4000, MINUTE))] * 6 if due else []
        )
        jumps += [3 * DAY] if self.rng.random() < 0.1 else []
        self.now += max(0, self.rng.choice(jumps))
        self.notify("time goes on")

    def next_due(self) -> int | None:
        times = [int(c.due_at.timestamp() * 1000) for c in self.records.claims.values() if c.due_at]
        times += [m.visible_at for m in (*self.work.waiting, *self.events.waiting)]
        return min((t for t in times if t > self.now), default=None)

    def _feed(self) -> None:
        if not self.running:
            self.notify(self.directory.change())
            self.records.writes()

    def _begin(
        self,
        label: str,
        process: Process,
        work: Callable[[], Any],
        ended: Callable[[Any], None],
        request: Request | None = None,
    ) -> None:
        self.born += 1
        process.busy = True
        self.running.append(
            Running(self.scheduler.start(label, work), process, ended, request, self.engine.writes)
        )

    def _process(self, kind: str) -> Process:
        """An idle process of a kind, or a new one: with its own clock, and retries on or off."""
        idle = [p for p in self.processes[kind] if not p.busy]
        if idle:
            return idle[0]
        connection = Connection(
            self.scheduler, self.rng, self.faults, self.rng.choice((1, 1, 4)), self.notify
        )
        made = Process(f"{kind}{self.born}", connection, self.rng.randrange(-5000, 5001), self)
        self.processes[kind].append(made)
        return made

    def _calm(self, days: int = 10) -> None:
        """Faults stop and ten days pass, with a sweep when something is due: then nothing may be
        stuck.
        """
        self.faults.__dict__.update(FaultRates().__dict__)
        self.notify("faults stop; ten days pass")
        self.work.again = self.events.again = 0
        self.scheduler.alone = True
        self.directory.heal()
        self.records.writes()
        self.events.redrive()
        self.work.redrive()
        until = self.now + days * DAY
        self.settle()
        while (due := self.next_due()) is not None and due <= until:
            self.now = due + MINUTE
            self.settle()
        self.now = until
        self.settle()
        final_checks.check_records(self.records, self.evidence)
        final_checks.check_queues(self.records, self.mail_service, self.work, self.events)

    def settle(self) -> None:
        """Two sweeps at the most, and everything that they and the queues bring: then nothing is
        due any more.
        """
        for _ in range(2):
            self._sweep_once()
            while self._drain("worker", self.work, lambda p: p.work) or self._drain(
                "mail_events", self.events, lambda p: p.hear
            ):
                pass
        late = [
            c.id
            for c in self.records.claims.values()
            if c.due_at and c.due_at <= moment(self.now - 6000)
        ]
        if late:
            raise Broken(
                f"still due after two sweeps: {late[0]}\n"
                f"{promises.describe_claim(self.records.claims[late[0]])}"
            )

    def _sweep_once(self) -> None:
        process = self._process("sweep")
        self._begin("sweep", process, process.sweep, lambda count: None)
        self._finish()

    def _drain(
        self, kind: str, queue: Messages, handler: Callable[[Process], Callable[..., list[str]]]
    ) -> bool:
        before = self.born
        self._deliver(kind, queue, handler, 10)
        self._finish()
        return self.born > before

    def _finish(self) -> None:
        while self.running:
            self._step(self.running[0])
