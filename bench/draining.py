"""A discrete-event simulation of many deadlines that fall due at once: the sweep, the queue, the
workers and the partitions of the table.

Nothing here is specific to this product: what it does and what the services allow are given as
`Limits` and `Step`.
"""

import heapq
import random
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

PARTITION = 1_000  # write units a second (AWS, "Partitions and data distribution")
# Pollers of an event source: at once, and more in each second (AWS, "Scaling for SQS event
# sources").
FIRST_POLLERS, MORE_POLLERS = 5, 300 / 60
MINUTE = 60.0
CHUNK = 100  # calls to the queue that are one event of the simulation

Message = tuple[int, int]  # number of the claim, how often the message was received


@dataclass(frozen=True)
class Limits:
    """What the service and its configuration allow.

    Attributes:
        sweep_ids: ids that one sweep sends.
        entries: ids in one call to the queue.
        batch: messages that a worker receives at once.
        workers: workers at the same time.
        visibility: seconds until a message that was not deleted comes again.
        receives: receptions of a message before it is a dead letter.
        sweep_seconds: seconds that a sweep may take.
        attempts: attempts of a call to the database.
        send: seconds until the next call to the queue can be made.
        read: seconds to read an id.
    """

    sweep_ids: int
    entries: int
    batch: int
    workers: int
    visibility: int
    receives: int
    sweep_seconds: int
    attempts: int
    send: float
    read: float


@dataclass(frozen=True)
class Step:
    """The work of one deadline.

    Attributes:
        writes: for each write, how many units it takes from which partitions.
        seconds: duration of the whole step when nothing is throttled.
        check: seconds to find that there is nothing to do.
    """

    writes: Sequence[Sequence[tuple[int, int]]]
    seconds: float
    check: float


@dataclass
class Partition:
    """One physical partition: a token bucket that fills with 1,000 units a second, and holds those
    of a tenth of a second.
    """

    tokens: float = PARTITION / 10
    filled_at: float = 0
    used: dict[int, int] = field(default_factory=dict)  # units by second

    def has(self, now: float, units: int) -> bool:
        filled = self.tokens + (now - self.filled_at) * PARTITION
        self.tokens, self.filled_at = min(PARTITION / 10, filled), now
        return self.tokens >= units

    def take(self, now: float, units: int) -> None:
        self.tokens -= units
        self.used[int(now)] = self.used.get(int(now), 0) + units


@dataclass
class Worker:
    """One worker and the batch that it received at `since`."""

    batch: list[Message]
    since: float
    attempts: int = 0


@dataclass
class Result:
    """What came of a simulation.

    Attributes:
        decided: the second in which each claim was decided.
        ended: the second in which everything was done, mails included.
        steps: steps that were completed.
        redundant: messages about claims that were done already.
        throttled: writes that were refused for want of units.
        failed: messages whose handling failed.
        dead_letters: messages that failed too often.
        messages: messages that the sweeps sent.
        workers: the largest number of workers at the same time.
    """

    decided: list[float] = field(default_factory=list)
    ended: float = 0
    steps: int = 0
    redundant: int = 0
    throttled: int = 0
    failed: int = 0
    dead_letters: int = 0
    messages: int = 0
    workers: int = 0


class Simulation:
    """`steps`: the step of each claim, all due at second 0; `partitions`: how many they name."""

    def __init__(
        self, limits: Limits, steps: Sequence[Step], partitions: int, rng: random.Random
    ) -> None:
        self.limits, self.steps, self.rng = limits, steps, rng
        self.partitions = [Partition() for _ in range(partitions)]
        self.written = bytearray(len(steps))  # how many of its writes each claim has completed
        self.queue: deque[Message] = deque()
        self.result = Result()
        self._first_open = self._open = 0
        self._events: list[tuple[float, int, Callable[[float, Any], None], Any]] = []
        self._event_count = self._busy = 0

    def run(self, max_seconds: float) -> Result:
        """Run until everything is decided and notified, or this many seconds are over."""
        self._open = len(self.steps)
        self._schedule(0, self._sweep)
        self._schedule(0, self._poll)
        while self._events and self._open:
            now, _, handle, argument = heapq.heappop(self._events)
            if now > max_seconds:
                break
            handle(now, argument)
            self.result.ended = now
        return self.result

    def _sweep(self, now: float, _: None) -> None:
        """Read what is due, soonest first, and send it until all is sent or the time is over."""
        self._schedule(now + MINUTE, self._sweep)
        while self._first_open < len(self.steps) and self._is_done(self._first_open):
            self._first_open += 1
        due = [n for n in range(self._first_open, len(self.steps)) if not self._is_done(n)]
        del due[self.limits.sweep_ids :]
        at, size = now + len(due) * self.limits.read, CHUNK * self.limits.entries
        for first in range(0, len(due), size):
            chunk = due[first : first + size]
            at += len(chunk) / self.limits.entries * self.limits.send
            if at > now + self.limits.sweep_seconds:
                return
            self._schedule(at, self._send, chunk)

    def _send(self, now: float, claims: list[int]) -> None:
        self.result.messages += len(claims)
        self.queue.extend((claim, 1) for claim in claims)
        self._start_workers(now)

    def _redeliver(self, now: float, message: Message) -> None:
        self.queue.append(message)

    def _poll(self, now: float, _: None) -> None:
        """Let the event source grow, as it may each second."""
        self._schedule(now + 1, self._poll)
        self._start_workers(now)

    def _start_workers(self, now: float) -> None:
        allowed = min(self.limits.workers, int(FIRST_POLLERS + now * MORE_POLLERS))
        while self.queue and self._busy < allowed:
            self._busy += 1
            self.result.workers = max(self.result.workers, self._busy)
            self._receive(now)

    def _receive(self, now: float) -> None:
        size = min(self.limits.batch, len(self.queue))
        self._begin(now, Worker([self.queue.popleft() for _ in range(size)], now))

    def _begin(self, now: float, worker: Worker) -> None:
        """Begin the next claim of the batch; after the last one the next batch, if there is one."""
        if not worker.batch:
            if self.queue:
                return self._receive(now)
            self._busy -= 1
            return None
        claim, worker.attempts = worker.batch[0][0], 0
        if self._is_done(claim):
            self.result.redundant += 1
            worker.batch.pop(0)
            return self._schedule(now + self.steps[claim].check, self._begin, worker)
        return self._schedule(now + self._pause(claim), self._write, worker)

    def _write(self, now: float, worker: Worker) -> None:
        """Make one write of the step, if every partition that it concerns has the units for it."""
        claim = worker.batch[0][0]
        if self._is_done(claim):  # another worker was faster
            return self._begin(now, worker)
        wanted = self.steps[claim].writes[self.written[claim]]
        if not all(self.partitions[number].has(now, units) for number, units in wanted):
            return self._throttle(now, worker)
        for number, units in wanted:
            self.partitions[number].take(now, units)
        return self._complete_write(now, worker, claim)

    def _throttle(self, now: float, worker: Worker) -> None:
        self.result.throttled += 1
        worker.attempts += 1
        if worker.attempts < self.limits.attempts:
            # botocore's standard mode: up to 1 s, 2 s, 4 s
            delay = self.rng.random() * 2 ** (worker.attempts - 1)
            return self._schedule(now + delay, self._write, worker)
        self.result.failed += 1
        claim, received = worker.batch.pop(0)
        if received < self.limits.receives:
            at = worker.since + self.limits.visibility
            self._schedule(at, self._redeliver, (claim, received + 1))
        else:
            self.result.dead_letters += 1
        return self._begin(now, worker)

    def _complete_write(self, now: float, worker: Worker, claim: int) -> None:
        if self.written[claim] == 0:  # the decision is the first write; notifications follow
            self.result.decided.append(now)
        self.written[claim] += 1
        worker.attempts = 0
        if not self._is_done(claim):
            return self._schedule(now + self._pause(claim), self._write, worker)
        self._open -= 1
        self.result.steps += 1
        worker.batch.pop(0)
        return self._begin(now, worker)

    def _pause(self, claim: int) -> float:
        return self.steps[claim].seconds / len(self.steps[claim].writes)

    def _is_done(self, claim: int) -> bool:
        return self.written[claim] == len(self.steps[claim].writes)

    def _schedule(
        self, at: float, handle: Callable[[float, Any], None], argument: Any = None
    ) -> None:
        self._event_count += 1
        heapq.heappush(self._events, (at, self._event_count, handle, argument))
