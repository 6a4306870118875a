"""Whether slow and dead receivers delay the others: a hundred endpoints in virtual time.

`python -m tests.webhooks.isolation` prints how long an event takes to a healthy receiver, alone and
next to fifty that answer after 14 seconds and ten that never answer. The delivery runs are the
product's; the queue gives each message to a function, as many at once as the template says.
"""

import math
import random
import re
import sys
from collections import deque
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from bench.fixtures import NOW
from bench.metered import Metered
from chalicelib.domain.webhook_delivery import Answer
from chalicelib.ports import WebhookRequest
from chalicelib.usecases.due_work import deliver_webhooks
from tests.support.receiver import Receiver
from tests.support.source_tree import ROOT
from tests.webhooks.partner_feed import PartnerFeed, add_endpoint
from tests.webhooks.virtual_time import VirtualTime

PARTNERS, OF_A_PARTNER = 20, 5
KINDS = ("slow",) * 50 + ("dead",) * 10 + ("healthy",) * 40
SLOW, TIMEOUT = 14.0, 15.0  # seconds until an answer, and until the sender gives up
MINUTES = 15  # in which events happen; afterwards everything is delivered
EVENTS_OF_A_PARTNER = 30
SWEEP = 60.0  # seconds between two sweeps


def read_functions_at_once() -> int:
    """Return how many delivery runs a stage has at the same time, by its template."""
    text = (ROOT / "infra" / "parameters.yaml").read_text(encoding="utf-8")
    found = re.search(r"\n  WebhooksAtOnce:\n    Type: Number\n    Default: (\d+)\n", text)
    assert found
    return int(found[1])


@dataclass
class Run:
    """One run. `delays`: seconds from each event to each healthy receiver."""

    kinds: tuple[str, ...]
    slots: int
    seed: int = 1
    delays: list[float] = field(default_factory=list)
    longest_queue: int = 0

    def __post_init__(self) -> None:
        self.random, self.time = random.Random(self.seed), VirtualTime()
        self.messages: deque[str] = deque()
        self.busy = 0
        self.metered = Metered()
        self.services = self.metered.services.evolve(
            webhooks=Receiver().port._replace(sender=self, queue=self),
            read_real_time=self._now,
            clock=self,
            random_bytes=self.random.randbytes,
            run_parallel=self.time.run_parallel,
        )
        self.kind_of: dict[str, str] = {}
        self.began: dict[str, float] = {}
        self.endpoints: dict[str, list[str]] = {}

    def _now(self) -> Any:
        return NOW + timedelta(seconds=self.time.seconds)

    now = _now

    def run(self) -> None:
        """Let events happen, and deliver them all."""
        kinds = list(self.kinds)
        random.Random(self.seed).shuffle(kinds)
        for number, kind in enumerate(kinds):
            if kind != "absent":
                self._add_endpoint(number, kind)
        for organisation in self.endpoints:
            self.time.spawn(lambda one=organisation: self._happen(one))  # type: ignore[misc]
        self.time.spawn(self._sweep)
        self.time.run(MINUTES * 60.0 * 4)

    def _add_endpoint(self, number: int, kind: str) -> None:
        organisation = f"org_{number // OF_A_PARTNER}"
        endpoint = add_endpoint(self.services, number, organisation)
        self.endpoints.setdefault(organisation, []).append(endpoint.id)
        self.kind_of[endpoint.url] = kind

    def _happen(self, organisation: str) -> None:
        """Events of one partner, at random moments; each wakes all its endpoints."""
        feed_ = PartnerFeed(self.metered.rows, self.random, organisation, claims=10)
        mean = MINUTES * 60.0 / EVENTS_OF_A_PARTNER
        for _ in range(EVENTS_OF_A_PARTNER):
            self.time.sleep(self.random.expovariate(1 / mean))
            (entry,) = feed_.add(1, self._now())
            self.began[entry.id] = self.time.seconds
            self.enqueue(self.endpoints[organisation])

    def _sweep(self) -> None:
        """Find what is due, every minute, in the second half of the run, too."""
        while self.time.seconds < MINUTES * 60.0 * 3:
            self.time.sleep(SWEEP)
            due = self.services.store.queues.list_due(self._now(), 1000)
            self.enqueue([due_id for due_id, _ in due])

    # The queue: each message goes to a function as soon as one is free.

    def enqueue(self, ids: Any) -> None:
        self.messages.extend(dict.fromkeys(ids))
        self._give_out()

    def _give_out(self) -> None:
        self.longest_queue = max(self.longest_queue, len(self.messages))
        while self.messages and self.busy < self.slots:
            self.busy += 1
            endpoint_id = self.messages.popleft()
            self.time.spawn(lambda one=endpoint_id: self._handle(one))  # type: ignore[misc]

    def _handle(self, endpoint_id: str) -> None:
        deliver_webhooks(self.services, endpoint_id, self._now())
        self.busy -= 1
        self._give_out()

    # The receivers.

    def find_fault(self, url: str) -> str | None:
        return None

    def send(self, request: WebhookRequest) -> Answer:
        kind = self.kind_of[request.url]
        if kind == "dead":
            self.time.sleep(TIMEOUT)
            return Answer(reason="answer_timeout")
        self.time.sleep(SLOW if kind == "slow" else self.random.uniform(0.05, 0.5))
        event_id = request.headers["webhook-id"]
        if kind == "healthy" and event_id in self.began:
            self.delays.append(self.time.seconds - self.began[event_id])
        return Answer(200)


def find_p95(values: list[float]) -> float:
    """Return the value that 95 of 100 do not exceed."""
    return sorted(values)[math.ceil(len(values) * 0.95) - 1]


def measure(slots: int, seed: int = 1) -> tuple[Run, Run]:
    """Run the healthy endpoints alone, then all; the same events happen."""
    alone = Run(tuple("absent" if kind != "healthy" else kind for kind in KINDS), slots, seed)
    together = Run(KINDS, slots, seed)
    for one in (alone, together):
        one.run()
    return alone, together


if __name__ == "__main__":
    at_once = int(sys.argv[1]) if len(sys.argv) > 1 else read_functions_at_once()
    first, second = measure(at_once)
    print(
        f"{at_once} functions at once; p95 alone {find_p95(first.delays):.2f} s "
        f"({len(first.delays)} deliveries), next to slow and dead receivers "
        f"{find_p95(second.delays):.2f} s ({len(second.delays)}), longest queue "
        f"{second.longest_queue}"
    )
