"""Many events to three endpoints: none missing, none twice, in order per claim, each signed.

`python -m tests.webhooks.many_events 20000` prints the figures. The official package
`standardwebhooks` verifies each request as it comes, and raises for a false one. The first endpoint
changes its secret on the way; its receiver goes on with the old one for the overlap.
"""

import sys
from dataclasses import dataclass
from datetime import timedelta

from standardwebhooks import Webhook

from chalicelib.domain.webhook_endpoint import WebhookEndpoint
from chalicelib.ports import Change
from chalicelib.usecases.webhook_delivery import deliver
from chalicelib.usecases.webhook_requests import format_endpoint_secret
from tests.webhooks.partner_feed import PartnerFeed, Scene, add_endpoint, find_disorder

ENDPOINTS = 3
BURST = 200  # events between two wake-ups; many more than the deliveries that one write holds


@dataclass
class Figures:
    """What became of the events: requests, and what is wrong, over all endpoints."""

    requests: int = 0
    missing: int = 0
    repeated: int = 0
    disordered: int = 0


def run(events: int, seed: int = 1) -> Figures:
    """Write events in bursts and deliver them; the first endpoint's secret changes half-way."""
    scene = Scene(seed)
    feed_ = PartnerFeed(scene.metered.rows, scene.random)
    endpoints = [add_endpoint(scene.services, number) for number in range(ENDPOINTS)]
    secrets = {
        one.url: format_endpoint_secret(scene.services, one.id, one.secrets[0]) for one in endpoints
    }
    officials = {url: Webhook(secret) for url, secret in secrets.items()}
    scene.judge = lambda request: officials[request.url].verify(request.body, dict(request.headers))
    for number in range(events // BURST):
        feed_.add(BURST, scene.clock.moment)
        if number == events // BURST // 2:
            _rotate(scene, endpoints[0])
        for one in endpoints:
            while deliver(scene.services, one.id, scene.clock.moment):
                pass
        scene.clock.moment += timedelta(seconds=scene.random.choice((1, 5, 60)))
    return _judge(scene, feed_, list(secrets))


def _rotate(scene: Scene, endpoint: WebhookEndpoint) -> None:
    now = scene.clock.moment
    current = scene.services.store.endpoints.get(endpoint.id)
    assert current
    after = current.with_new_secret(current.secrets[0].key, now, now + timedelta(days=7))
    scene.services.store.commit(Change(endpoints=(after.evolve(rev=current.rev + 1),)))


def _judge(scene: Scene, feed_: PartnerFeed, urls: list[str]) -> Figures:
    figures = Figures()
    for url in urls:
        receiver = scene.receivers[url]
        figures.requests += len(receiver.requests)
        figures.missing += len(feed_.ids - set(receiver.ids))
        figures.repeated += len(receiver.ids) - len(set(receiver.ids))
        figures.disordered += len(find_disorder(receiver.ids, feed_))
    return figures


if __name__ == "__main__":
    print(run(int(sys.argv[1])))
