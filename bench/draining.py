"""How a mass of deadlines drains: the sweep, the queue, the workers and the table's partitions,
event by event.

Nothing here is about this product: what it does and what the services allow comes in as `House` and
`Step`.
"""

import heapq
import random
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field

PARTITION = 1_000  # write units a second (AWS, "Partitions and data distribution")
FIRST_POLLERS, MORE_POLLERS = (
    5,
    300 / 60,
)  # at once, and more in each second (AWS, "Scaling for SQS event sources")
MINUTE = 60.0
SOME = 100  # messages' calls that are one event here: the simulation's grain, not the service's


@dataclass(frozen=True)
class House:
    """What the service says of itself. `most`: ids a sweep sends; `entries`: of them in one call;
    `batch`: messages a worker takes; `hidden`, `sweep_ends`: seconds; `lives`: receptions of a
    message; `tries`: of a call; `send`, `read`: seconds until the next call to the queue can be
    made, and for an id to be read.
    """

    most: int
    entries: int
    batch: int
    workers: int
    hidden: int
    lives: int
    sweep_ends: int
    tries: int
    send: float
    read: float


@dataclass(frozen=True)
class Step:
    """One deadline's work. `writes`: for each write which partitions take how many units;
    `seconds`: all of it, when nothing stands in the way; `look`: finding that there is nothing to
    do.
    """

    writes: Sequence[Sequence[tuple[int, int]]]
    seconds: float
    snapshot: float


@dataclass
class Partition:
    """One physical partition: a bucket that fills by 1,000 units a second and holds a tenth of a
    second's.
    """

    left: float = PARTITION / 10
    at: float = 0
    seconds: dict[int, int] = field(default_factory=dict)

    def has(self, at: float, units: int) -> bool:
        self.left, self.at = min(PARTITION / 10, self.left + (at - self.at) * PARTITION), at
        return self.left >= units

    def take(self, at: float, units: int) -> None:
        self.left -= units
        self.seconds[int(at)] = self.seconds.get(int(at), 0) + units


@dataclass
class Worker:
    """One worker and the batch that it took at `since`: (claim, how often received)."""

    batch: list[tuple[int, int]]
    since: float
    tried: int = 0


@dataclass
class Drained:
    """How it went.

    `decided`: seconds until each claim was; `ended`: until all was done, letters and all.
    """

    decided: list[float] = field(default_factory=list)
    ended: float = 0
    steps: int = 0
    again: int = 0
    throttled: int = 0
    failed: int = 0
    buried: int = 0
    messages: int = 0
    workers: int = 0


class Draining:
    """`steps`: the step of each claim, all due at second 0; `partitions`: all that they name."""

    def __init__(
        self, house: House, steps: Sequence[Step], partitions: int, rng: random.Random
    ) -> None:
        self.house, self.steps, self.rng = house, steps, rng
        self.partitions = [Partition() for _ in range(partitions)]
        self.written = bytearray(len(steps))  # how many of its writes each claim has behind it
        self.waiting: deque[tuple[int, int]] = deque()
        self.went = Drained()
        self._first = self._left = 0
        self._events: list[tuple[float, int, str, object]] = []
        self._numbers = self._busy = 0

    def run(self, most_seconds: float) -> Drained:
        """Until everything is decided and told, or this many seconds are over."""
        self._left = len(self.steps)
        self._at(0, "sweep", None)
        self._at(0, "poll", None)
        while self._events and self._left:
            now, _, kind, what = heapq.heappop(self._events)
            if now > most_seconds:
                break
            getattr(self, f"_{kind}")(now, what)
            self.went.ended = now
        return self.went

    def _sweep(self, now: float, _: object) -> None:
        """Reads what is due, soonest first, and sends it until all is sent or its time is over."""
        self._at(now + MINUTE, "sweep", None)
        while self._first < len(self.steps) and self._done(self._first):
            self._first += 1
        due = [n for n in range(self._first, len(self.steps)) if not self._done(n)][
            : self.house.most
        ]
        at, calls = now + len(due) * self.house.read, SOME * self.house.entries
        for first in range(0, len(due), calls):
            some = due[first : first + calls]
            at += len(some) / self.house.entries * self.house.send
            if at > now + self.house.sweep_ends:
                return
            self._at(at, "send", some)

    def _send(self, now: float, some: list[int]) -> None:
        self.went.messages += len(some)
        self.waiting.extend((claim, 1) for claim in some)
        self._hire(now)

    def _again(self, now: float, message: tuple[int, int]) -> None:
        self.waiting.append(message)

    def _poll(self, now: float, _: object) -> None:
        """Each second the event source may have grown."""
        self._at(now + 1, "poll", None)
        self._hire(now)

    def _hire(self, now: float) -> None:
        allowed = min(self.house.workers, int(FIRST_POLLERS + now * MORE_POLLERS))
        while self.waiting and self._busy < allowed:
            self._busy += 1
            self.went.workers = max(self.went.workers, self._busy)
            self._take(now)

    def _take(self, now: float) -> None:
        batch = [self.waiting.popleft() for _ in range(min(self.house.batch, len(self.waiting)))]
        self._begin(now, Worker(batch, now))

    def _begin(self, now: float, worker: Worker) -> None:
        """The next claim of the batch; after the last one the next batch, if there is one."""
        if not worker.batch:
            if self.waiting:
                return self._take(now)
            self._busy -= 1
            return None
        claim, worker.tried = worker.batch[0][0], 0
        if self._done(claim):
            self.went.again += 1
            worker.batch.pop(0)
            return self._at(now + self.steps[claim].snapshot, "begin", worker)
        return self._at(now + self._pause(claim), "write", worker)

    def _write(self, now: float, worker: Worker) -> None:
        """One write of the step, if every partition that it concerns has the units for it."""
        claim, received = worker.batch[0]
        if self._done(claim):  # somebody else was faster
            return self._begin(now, worker)
        wanted = self.steps[claim].writes[self.written[claim]]
        if all(self.partitions[one].has(now, units) for one, units in wanted):
            for one, units in wanted:
                self.partitions[one].take(now, units)
            return self._wrote(now, worker, claim)
        self.went.throttled += 1
        worker.tried += 1
        if worker.tried < self.house.tries:  # botocore's standard mode: up to 1 s, 2 s, 4 s
            return self._at(now + self.rng.random() * 2 ** (worker.tried - 1), "write", worker)
        self.went.failed += 1
        worker.batch.pop(0)
        if received < self.house.lives:
            self._at(worker.since + self.house.hidden, "again", (claim, received + 1))
        else:
            self.went.buried += 1
        return self._begin(now, worker)

    def _wrote(self, now: float, worker: Worker, claim: int) -> None:
        if (
            self.written[claim] == 0
        ):  # the decision is the first write, whatever has to be told of it
            self.went.decided.append(now)
        self.written[claim] += 1
        worker.tried = 0
        if not self._done(claim):
            return self._at(now + self._pause(claim), "write", worker)
        self._left -= 1
        self.went.steps += 1
        worker.batch.pop(0)
        return self._begin(now, worker)

    def _pause(self, claim: int) -> float:
        return self.steps[claim].seconds / len(self.steps[claim].writes)

    def _done(self, claim: int) -> bool:
        return self.written[claim] == len(self.steps[claim].writes)

    def _at(self, when: float, kind: str, what: object) -> None:
        self._numbers += 1
        heapq.heappush(self._events, (when, self._numbers, kind, what))
