"""Random lives of three endpoints in which everything goes wrong: every event reaches each of them.

`python -m tests.webhooks.seeds 1 500` prints what happened. Receivers fail, for all events or for
one; processes stop in the middle of a request; wake-ups are lost, doubled and late; the index lags;
events appear whose ids are older than those that were read already. In the end the receivers work,
and time passes without any wake-up.
"""

import sys
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

from chalicelib.domain.webhook_delivery import Answer
from chalicelib.domain.webhook_endpoint import LEASE, WebhookEndpoint
from chalicelib.ports import Change, Services, WebhookRequest
from chalicelib.usecases import webhook_endpoints
from chalicelib.usecases.callers import Caller
from chalicelib.usecases.idempotency import StoredResponse
from chalicelib.usecases.request import Request
from chalicelib.usecases.webhook_delivery import deliver
from tests.support.receiver import respond_with, take
from tests.webhooks.partner_feed import ORGANISATION, PartnerFeed, Scene, add_endpoint

STEPS, ENDPOINTS = 40, 3
MOST_REPEATED = 10  # events that a stop may post again (integration.md, 6)
# Request and index together stay below the time after which a position counts as settled.
LONGEST_REQUEST, LONGEST_LAG = 60, 55  # seconds
Distort = Callable[[WebhookEndpoint], WebhookEndpoint]


class Stopped(Exception):
    """The process ends in the middle of a request."""


@dataclass
class DistortingStore:
    """A store that writes another endpoint than it is given."""

    real: Any
    distort: Distort

    def __getattr__(self, name: str) -> Any:
        return getattr(self.real, name)

    def commit(self, change: Change) -> None:
        endpoints = tuple(map(self.distort, change.endpoints))
        self.real.commit(replace(change, endpoints=endpoints))


@dataclass
class Life:
    """One seed; in every second one nothing stops. `distort`: a deliberate defect."""

    seed: int
    distort: Distort | None = None
    stops: int = 0
    may_stop: bool = False
    endpoints: list[WebhookEndpoint] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.scene = Scene(self.seed)
        self.random, self.clock = self.scene.random, self.scene.clock
        self.engine = self.scene.metered.engine
        self.engine.ms = lambda: int(self.clock.moment.timestamp() * 1000)
        services = self.scene.services.evolve(read_real_time=self.clock.now)
        services = services.evolve(webhooks=services.webhooks._replace(sender=self))
        if self.distort:
            services = services.evolve(store=DistortingStore(services.store, self.distort))
        self.services: Services = services
        self.feed = PartnerFeed(self.scene.metered.rows, self.random, claims=5)

    def run(self) -> list[str]:
        """Live, recover, and return what is wrong."""
        self.endpoints = [add_endpoint(self.scene.services, one) for one in range(ENDPOINTS)]
        for _ in range(STEPS):
            self._step()
        self._recover()
        return [fault for one in self.endpoints for fault in self._find_faults(one)]

    def find_fault(self, url: str) -> str | None:
        return None

    def send(self, request: WebhookRequest) -> Answer:
        """Give a request to its receiver; stop before or after that now and then."""
        stop = self.random.choice(("before", "after")) if self._is_stopped() else ""
        if stop == "before":
            raise Stopped
        answer = self.scene.send(request)
        if stop:
            raise Stopped
        return answer

    def _is_stopped(self) -> bool:
        return self.may_stop and self.seed % 2 == 1 and self.random.random() < 0.05

    def _step(self) -> None:
        act = self.random.choice(("happen", "happen", "fail", "heal", "wake", "wake", "wait"))
        receiver = self.scene.receivers[self.random.choice(self.endpoints).url]
        if act == "happen":
            began = timedelta(seconds=self.random.randrange(LONGEST_REQUEST))
            self.feed.add(self.random.randrange(1, 15), self.clock.moment - began)
        elif act == "fail":
            receiver.respond = self.random.choice((respond_with(500), self._fail_some()))
        elif act == "heal":
            receiver.respond = take
        elif act == "wake":
            for _ in range(self.random.choice((0, 1, 2))):  # lost, once, twice
                self._wake(self.random.choice(self.endpoints).id)
        else:
            self._wait(self.random.choice((1, 5, 20, 130, 4000)))

    def _fail_some(self) -> Any:
        bad = self.random.randrange(1, 8)
        return lambda event: respond_with(503 if event["seq"] % 8 == bad else 200)(event)

    def _wake(self, endpoint_id: str, may_stop: bool = True) -> None:
        """Run a delivery that sees the index as it was a moment ago, and may be stopped."""
        lag = self.random.choice((0, self.random.randrange(LONGEST_LAG))) if may_stop else 0
        self.engine.as_of = self.engine.ms() - 1000 * lag if lag else None
        self.may_stop = may_stop
        try:
            while deliver(self.services, endpoint_id, self.clock.moment):
                pass
        except Stopped:
            self.stops += 1
            self.clock.moment += LEASE + timedelta(seconds=1)
        finally:
            self.engine.as_of = None

    def _wait(self, seconds: float, may_stop: bool = True) -> None:
        """Let time pass; what falls due on the way is done, as the sweep would find it."""
        until = self.clock.moment + timedelta(seconds=seconds)
        while due := self.services.store.queues.list_due(until, 1):
            due_id, due_at = due[0]
            self.clock.moment = max(self.clock.moment + timedelta(seconds=1), due_at)
            self._wake(due_id, may_stop)
        self.clock.moment = max(self.clock.moment, until)

    def _recover(self) -> None:
        """Let all receivers work, enable what is disabled, and let days pass."""
        for receiver in self.scene.receivers.values():
            receiver.respond = take
        self._wait(LEASE.total_seconds() + 1)
        for endpoint in self.endpoints:
            self._enable(endpoint)
        self._wait(timedelta(days=4).total_seconds(), may_stop=False)

    def _enable(self, endpoint: WebhookEndpoint) -> None:
        current = self.services.store.endpoints.get(endpoint.id)
        assert current
        if current.state == "disabled":
            caller = Caller(sub="pia", organisation_id=ORGANISATION)
            request = Request(caller=caller, now=self.clock.moment)
            webhook_endpoints.enable(
                self.services,
                request,
                endpoint.id,
                "where_it_stopped",
                lambda after: StoredResponse(200, after.id),
            )

    def _find_faults(self, endpoint: WebhookEndpoint) -> list[str]:
        ids = self.scene.receivers[endpoint.url].ids
        faults = []
        if missing := self.feed.ids - set(ids):
            faults.append(f"seed {self.seed}: {endpoint.url} misses {len(missing)} events")
        repeated = len(ids) - len(set(ids))
        if repeated > MOST_REPEATED * self.stops:
            faults.append(f"seed {self.seed}: {repeated} repeats, {self.stops} stops")
        return faults


# Deliberate defects: how each writes an endpoint. Every one must be found.


def give_up_at_once(endpoint: WebhookEndpoint) -> WebhookEndpoint:
    """Pass over an event that was not taken."""
    if endpoint.stuck is None:
        return endpoint
    return endpoint.evolve(stuck=None, done=(*endpoint.done, endpoint.stuck.id))


def keep_a_plain_cursor(endpoint: WebhookEndpoint) -> WebhookEndpoint:
    """Go on after the newest event that was read, and forget that older ones may still appear."""
    settled, *rest = endpoint.position.split(".")
    return endpoint.evolve(position=f"evt_{rest[0]}" if rest else settled)


def forget_what_was_set_aside(endpoint: WebhookEndpoint) -> WebhookEndpoint:
    """Set an event aside, and never try it again."""
    return endpoint.evolve(set_aside=())


def never_look_again(endpoint: WebhookEndpoint) -> WebhookEndpoint:
    """Rely on wake-ups: nothing is looked at without one."""
    return endpoint.evolve(next_at=None)


def forget_what_was_posted(endpoint: WebhookEndpoint) -> WebhookEndpoint:
    """Keep the place in the feed only, not which events after it were posted already."""
    return endpoint.evolve(done=())


DEFECTS = (
    give_up_at_once,
    keep_a_plain_cursor,
    forget_what_was_set_aside,
    never_look_again,
    forget_what_was_posted,
)


if __name__ == "__main__":
    first, last = map(int, sys.argv[1:3])
    lives = [Life(seed) for seed in range(first, last + 1)]
    faults = [fault for life in lives for fault in life.run()]
    posted = sum(len(one.requests) for life in lives for one in life.scene.receivers.values())
    events = sum(len(life.feed.ids) for life in lives)
    print(f"{len(lives)} seeds, {events} events, {posted} requests", end=", ")
    print(f"{sum(life.stops for life in lives)} stops:", faults or "0 missing")
