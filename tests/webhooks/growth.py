"""What a delivery costs next to few and many earlier events of the same partner.

`python -m tests.webhooks.growth 1000 100000` prints the units of delivering ten new events, and of
a poll of the feed, after so many earlier ones.
"""

import random
import sys
from datetime import timedelta
from typing import NamedTuple

from chalicelib.usecases.callers import Caller
from chalicelib.usecases.event_feed import ReadEvents, parse_position, read_events
from chalicelib.usecases.webhook_delivery import deliver
from tests.webhooks.partner_feed import ORGANISATION, PartnerFeed, Scene, add_endpoint

NEW = 10
READER = Caller(sub="pia", organisation_id=ORGANISATION)


class Units(NamedTuple):
    """Units of delivering ten events, and of the poll that finds them."""

    read: float
    written: int
    poll: float


def measure(earlier: int, seed: int = 1) -> Units:
    """Write `earlier` events, let an endpoint begin after them, and deliver ten new ones."""
    scene = Scene(seed)
    services, meter = scene.services, scene.metered.meter
    PartnerFeed(scene.metered.rows, scene.random, claims=earlier).add(earlier, scene.clock.moment)
    scene.clock.moment += timedelta(hours=1)
    now = scene.clock.moment
    place = read_events(services, READER, ReadEvents(None), now).position
    endpoint = add_endpoint(services, 0, position=str(place))
    PartnerFeed(scene.metered.rows, random.Random(seed)).add(NEW, now)
    with meter.count_calls() as posted:
        deliver(services, endpoint.id, now)
    with meter.count_calls() as polled:
        read_events(services, READER, ReadEvents(parse_position(str(place))), now)
    assert len(scene.receivers[endpoint.url].ids) == NEW
    return Units(posted.read_units, posted.write_units, polled.read_units)


if __name__ == "__main__":
    for count in map(int, sys.argv[1:]):
        print(f"{count} earlier events: {measure(count)}")
