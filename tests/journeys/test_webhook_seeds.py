"""Random lives of endpoints: whatever fails on the way, every event reaches every endpoint.

`python -m tests.journeys.test_webhook_seeds 1 500` runs many seeds and prints what they did.
"""

import random
import sys
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from standardwebhooks import Webhook

from chalicelib.domain.webhook_endpoint import LEASE
from chalicelib.usecases.due_work import run_due_work
from tests.support import feed
from tests.support.in_process import in_process
from tests.support.receiver import CONTACT, Receiver, respond_with, take

STEPS = 14
MOST_REPEATED = 10  # events that a stop may post again (integration.md, 6)


class Stopped(Exception):
    """The process ends in the middle of a request."""


@dataclass
class Life:
    """One seed: a partner with three endpoints whose receivers fail now and then."""

    seed: int
    service: Any
    loses: bool = False
    stops: int = 0
    requests: int = 0
    receivers: dict[str, Receiver] = field(default_factory=dict)

    def run(self) -> dict[str, list[str]]:
        """Return what each endpoint took, by its address; the feed under an empty one."""
        self.random = random.Random(self.seed)
        self.service.exchange(webhooks=self._port(), read_real_time=lambda: self._now())
        self.customer = self.service.customer()
        self.admin = self.customer.by(1)
        partner = feed.a_partner(self.customer.partner(1), f"45{1:05d}")
        feed.write(self.service.rows, [partner.evolve(domains=("partner.example",))])
        self.endpoints = [self._create(number) for number in range(3)]
        self.claims: list[Any] = []
        for _ in range(STEPS):
            self._step()
        self._recover()
        page = self.service.get("/v1/events?limit=100", by=self.admin)
        assert not page["more"]
        taken = {url: one.ids for url, one in self.receivers.items()}
        return taken | {"": [one["id"] for one in page["data"]]}

    def _now(self) -> Any:
        return self.service.services.clock.now()

    def _port(self) -> Any:
        port = Receiver().port
        return port._replace(sender=self)

    def find_fault(self, url: str) -> str | None:
        return None

    def send(self, request: Any) -> Any:
        """Give a request to its receiver; stop before or after it now and then."""
        self.requests += 1
        if self.stops < 0 and self.random.random() < 0.2:
            self.stops = -self.stops
            raise Stopped
        return self.receivers[request.url].send(request)

    def _create(self, number: int) -> str:
        url = f"https://erp.partner.example/{number}"
        self.receivers[url] = Receiver()
        body = {"url": url, "contact": CONTACT, "start": "2020-01-01T00:00:00Z"}
        return str(self.service.post("/v1/webhook-endpoints", body, by=self.admin)["id"])

    def _step(self) -> None:
        act = self.random.choice(("claim", "comment", "fail", "fail", "heal", "wake", "wait"))
        if act == "claim" and len(self.claims) < 3:
            claim = self.service.post("/v1/claims", self._draft(), by=self.admin)["claims"][0]
            self.claims.append(claim)
        elif act == "comment" and self.claims:
            claim = self.random.choice(self.claims)
            text = {"text": "x"}
            self.service.post(f"/v1/claims/{claim['id']}/comments", text, by=self.admin)
        elif act == "fail":
            one = self.random.choice(list(self.receivers.values()))
            one.respond = self.random.choice((respond_with(500), self._fail_some()))
        elif act == "heal":
            self.random.choice(list(self.receivers.values())).respond = take
        elif act == "wake":
            for _ in range(self.random.choice((0, 1, 2))):  # lost, once, twice
                self._wake(self.random.choice(self.endpoints))
        else:
            self._wait(self.random.choice((1, 20, 130, 4000)))

    def _draft(self) -> dict[str, Any]:
        return {
            "tenant_id": self.customer.tenant_id,
            "domain": self.customer.domain,
            "solution_area": "business_applications",
            "partner_role": "usage_recognition",
            "items": [{"product": "dynamics_365_sales_enterprise"}],
            "submit": False,
        }

    def _fail_some(self) -> Any:
        bad = self.random.randrange(1, 4)
        return lambda event: respond_with(503 if event.get("seq") == bad else 200)(event)

    def _wake(self, endpoint_id: str) -> None:
        before = self.stops
        self.stops = -(self.stops + 1)
        try:
            run_due_work(self.service.services, endpoint_id, self._now())
        except Stopped:
            self._wait(LEASE.total_seconds() + 1)
        else:
            self.stops = before

    def _wait(self, seconds: float) -> None:
        services = self.service.services
        services.clock.move(self._now() + timedelta(seconds=seconds))

    def _recover(self) -> None:
        """Let all receivers work, enable what is disabled, and let a day pass without wake-ups."""
        for one in self.receivers.values():
            one.respond = take
        self._wait(LEASE.total_seconds() + 1)
        for endpoint_id in [] if self.loses else self.endpoints:
            path = f"/v1/webhook-endpoints/{endpoint_id}"
            if self.service.get(path, by=self.admin)["state"] == "disabled":
                self.service.post(f"{path}/enable", {}, by=self.admin)
        if not self.loses:
            self.service.advance("P4D")


def run_seed(seed: int, loses: bool = False) -> tuple[Life, list[str]]:
    """Run one seed; return its life and what is wrong with it."""
    with in_process() as service:
        life = Life(seed, service, loses)
        taken = life.run()
    wanted, faults = set(taken.pop("")), []
    for url, ids in taken.items():
        if missing := wanted - set(ids):
            faults.append(f"{seed}: {url} misses {sorted(missing)}")
        if len(ids) - len(set(ids)) > MOST_REPEATED * abs(life.stops):
            faults.append(f"{seed}: {url} repeats {len(ids) - len(set(ids))}, {life.stops} stops")
    return life, faults


@pytest.mark.parametrize("first", range(1, 21, 5))
def test_every_event_reaches_every_endpoint(first):
    faults = [fault for seed in range(first, first + 5) for fault in run_seed(seed)[1]]

    assert faults == []


def test_a_missing_event_would_be_found():
    faults = [fault for seed in range(1, 11) for fault in run_seed(seed, loses=True)[1]]

    assert any("misses" in fault for fault in faults)


def test_the_official_package_verifies_every_body_also_during_a_rotation(local_service):
    service = local_service
    receiver = Receiver()
    service.exchange(webhooks=receiver.port)
    customer = service.customer()
    partner = feed.a_partner(customer.partner(1), f"45{1:05d}")
    feed.write(service.rows, [partner.evolve(domains=("partner.example",))])
    body = {"url": "https://erp.partner.example/", "contact": CONTACT}
    made = service.post("/v1/webhook-endpoints", body, by=customer.by(1))
    customer.file()
    service.settle()
    path = f"/v1/webhook-endpoints/{made['id']}"
    before = len(receiver.requests)

    rotated = service.post(f"{path}/rotate-secret", {"overlap": "PT1H"}, by=customer.by(1))
    service.post(f"{path}/test", None, by=customer.by(1))
    during = receiver.requests[before:]
    service.advance("PT2H")
    service.post(f"{path}/test", None, by=customer.by(1))

    for request in receiver.requests[:before] + during:
        Webhook(made["secret"]).verify(request.body, dict(request.headers))
    for request in during + receiver.requests[before + len(during) :]:
        Webhook(rotated["secret"]).verify(request.body, dict(request.headers))
    assert before > 3
    assert during


if __name__ == "__main__":
    first, last = map(int, sys.argv[1:3])
    found = [run_seed(seed) for seed in range(first, last + 1)]
    print(
        f"{len(found)} seeds, {sum(life.requests for life, _ in found)} requests, "
        f"{sum(abs(life.stops) for life, _ in found)} stops"
    )
    print([fault for _, faults in found for fault in faults] or "0 events missing")
