"""Where races run, and what is counted."""

import random
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from uuid import UUID

from chalicelib.aws.clients import get_client
from chalicelib.aws.feed import Feed
from chalicelib.aws.queue import run_in_order
from chalicelib.aws.rows import Rows
from chalicelib.aws.store import DynamoStore
from chalicelib.directory.registry import Registry
from chalicelib.ports import Services
from chalicelib.runtime import wiring
from tests.races.figures import Figures
from tests.races.race import Race
from tests.races.shared_memory import Shared
from tests.support import feed
from tests.support.embedded_aws import fresh_services
from tests.support.tables import NAME


@contextmanager
def race_environment(engine: str = "memory") -> Iterator["RaceEnvironment"]:
    """Make a table, in `memory` or on `moto`, and the services over it."""
    with fresh_services() as (made, *_):
        table = Rows(get_client("dynamodb") if engine == "moto" else Shared(), NAME)
        clock = wiring.SystemClock()
        registry = Registry(Feed(table), clock, run_in_order)
        services = made.evolve(
            store=DynamoStore(table, run_in_order),  # only the claimants of a race run in threads
            directory=registry,
            partners=registry,
            clock=clock,
            run_parallel=run_in_order,
        )
        yield RaceEnvironment(table, services)


@dataclass
class RaceEnvironment:
    """A table and the services over it, for one race after the other."""

    rows: Rows
    services: Services

    def race(
        self, random_source: random.Random, figures: Figures, most: int = 64, count: int = 0
    ) -> None:
        """Run one race of `count`, or of 2 to `most`, claimants for an item of a new tenant.

        It is counted in `figures`.
        """
        tenant_id = str(UUID(int=random_source.getrandbits(128), version=4))
        feed.write(
            self.rows,
            [feed.a_partner()],
            [feed.a_tenant(tenant_id=tenant_id, domains=())],
            [feed.a_subscription(tenant_id=tenant_id)],
        )
        count = count or min(most, int(2 * (most / 2) ** random_source.random() + 0.5))
        Race(self.services, tenant_id, count, random_source, figures).run()
        if isinstance(self.rows._client, Shared):
            self.rows._client.empty()


def run_races(count: int, seed: int) -> Figures:
    """Run races in memory, in this process."""
    figures, random_source = Figures(), random.Random(seed)
    sys.setswitchinterval(0.001)  # threads take turns often
    with race_environment() as environment:
        for number in range(count):
            environment.race(random_source, figures)
            if (number + 1) % 100 == 0:
                print(
                    f"{number + 1} of {count} (seed {seed}), two holders: {figures.two_holders}",
                    flush=True,
                )
    return figures
