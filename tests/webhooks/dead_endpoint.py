"""A receiver that is away for three days while events pile up, and then returns.

`python -m tests.webhooks.dead_endpoint 10000` prints the figures. Every wake-up of those days
comes:
one for each burst of events, and those of the schedule.
"""

import sys
from dataclasses import dataclass
from datetime import datetime, timedelta

from chalicelib.usecases.due_work import run_due_work
from chalicelib.usecases.webhook_delivery import deliver
from tests.support.receiver import respond_with, take
from tests.webhooks.partner_feed import PartnerFeed, Scene, add_endpoint, find_disorder

AWAY = timedelta(days=3)
BURST = 25  # events between two wake-ups


@dataclass
class Figures:
    """What the time away cost, and what came afterwards.

    requests, written, read_units: while the receiver was away; rows of endpoint and deliveries.
    """

    wakeups: int = 0
    requests: int = 0
    written: int = 0
    read_units: float = 0
    missing: int = 0
    repeated: int = 0
    disordered: int = 0


def run(events: int, seed: int = 1) -> Figures:
    """Let a receiver be away for three days, then return; everything that waited is delivered."""
    scene, figures = Scene(seed), Figures()
    feed_ = PartnerFeed(scene.metered.rows, scene.random)
    endpoint = add_endpoint(scene.services, 0)
    receiver = scene.receivers[endpoint.url]
    receiver.respond = respond_with(500)
    began = scene.clock.moment
    for number in range(events // BURST):
        _advance(scene, figures, began + AWAY * number / (events // BURST))
        feed_.add(BURST, scene.clock.moment)
        _wake(scene, figures, endpoint.id)
    figures.requests = len(receiver.requests)
    receiver.respond = take
    _return(scene, endpoint.id)
    figures.missing = len(feed_.ids - set(receiver.ids))
    figures.repeated = len(receiver.ids) - len(set(receiver.ids))
    figures.disordered = len(find_disorder(receiver.ids, feed_))
    return figures


def _advance(scene: Scene, figures: Figures, until: datetime) -> None:
    """Move the clock, and do what falls due on the way."""
    while due := scene.services.store.queues.list_due(until, 1):
        due_id, due_at = due[0]
        scene.clock.moment = max(scene.clock.moment, due_at)
        _wake(scene, figures, due_id)
    scene.clock.moment = until


def _wake(scene: Scene, figures: Figures, endpoint_id: str) -> None:
    """Wake the endpoint, and count what that costs."""
    figures.wakeups += 1
    with scene.metered.meter.count_calls() as used:
        deliver(scene.services, endpoint_id, scene.clock.moment)
    figures.written += len(used.writes)
    figures.read_units += used.read_units


def _return(scene: Scene, endpoint_id: str) -> None:
    """Let the schedule find the receiver again, and deliver everything."""
    scene.clock.moment += timedelta(days=1)
    run_due_work(scene.services, endpoint_id, scene.clock.moment)
    while deliver(scene.services, endpoint_id, scene.clock.moment):
        pass


if __name__ == "__main__":
    print(run(int(sys.argv[1])))
