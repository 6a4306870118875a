"""`python -m tests.security.monsters 1..1000`: make so many monsters, and act on each of them."""

import argparse
import io
import os
import sys
import time
import traceback
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager, redirect_stdout
from functools import cache
from typing import NamedTuple

from bench.metering import Meter
from tests.security.monsters.life import Life
from tests.security.monsters.monster import make_monster
from tests.security.monsters.page_costs import (
    MAX_CALLS,
    MAX_TRIPS,
    PAGES,
    PageCost,
    measure_pages,
)
from tests.simulation.process import FakeFiles
from tests.support.in_process import in_process
from tests.support.limited_dynamodb import LimitedDynamoDB
from tests.support.round_trips import count_longest_branch
from tests.support.service import Service

STORY = 15  # lines of a monster's story that are shown


class Result(NamedTuple):
    """What a monster came to. `wrong`: how it failed, '' if it did not."""

    counts: Counter[str]
    largest: dict[str, float]
    wrong: str


def main() -> int:
    options = _parse_arguments()
    first, _, last = options.seeds.partition("..")
    seeds = range(int(first), int(last or first) + 1)
    started, failed = time.monotonic(), 0
    counts, largest = Counter[str](), dict[str, float]()
    with ProcessPoolExecutor(options.processes) as pool:
        for seed, result in zip(seeds, pool.map(play, seeds), strict=True):
            counts += result.counts
            largest = {
                name: max(most, largest.get(name, 0)) for name, most in result.largest.items()
            } or largest
            if result.wrong:
                failed += 1
                print(f"monster {seed}: {result.wrong}\n", flush=True)
    print(", ".join(f"{count:,} {name}" for name, count in counts.items()))
    print("largest:", *(f"{name} {most:,.9g}" for name, most in largest.items()), sep="\n  ")
    print(f"{len(seeds):,} monsters, {time.monotonic() - started:.0f} s; {failed} failures")
    return 1 if failed else 0


def play(seed: int) -> Result:
    """Make a monster, and let everybody else act on it."""
    plain = measure_plain_tenant()
    with redirect_stdout(io.StringIO()), _serve() as (service, meter):
        life, database = None, meter.engine
        try:
            monster = make_monster(service, seed)
            made = len(database.changes)
            life = Life(monster, meter)
            life.run()
            times = _compare_pages(life.costs, plain)
        except Exception as wrong:  # noqa: BLE001 - told with whatever ended it
            story = life.story[-STORY:] if life else ["while it was made"]
            where = traceback.format_exc(limit=-4)
            return Result(Counter(), {}, "\n".join([*story, where, repr(wrong)[:800]]))
    acts = sum(one.startswith(("  2", "  3")) for one in life.story)
    claims = sum(map(len, monster.claims.values()))
    counts = Counter(claims=claims, writes=made, acts=acts, later_writes=len(database.changes))
    largest = {
        "item (B)": database.largest_item,
        "transaction (B)": database.largest_transaction,
        "actions of a transaction": database.most_actions,
        "rows of a page": max(cost.rows for cost in life.costs[::2]),
    }
    return Result(counts, largest | times, "")


@cache
def measure_plain_tenant() -> tuple[PageCost, PageCost]:
    """Measure the pages about a tenant with one claim."""
    with redirect_stdout(io.StringIO()), _serve() as (service, meter):
        customer = service.customer()
        link = service.link(customer.file(1)["id"], customer.admin)
        return measure_pages(customer, link, meter)


def _compare_pages(costs: list[PageCost], plain: tuple[PageCost, PageCost]) -> dict[str, float]:
    """Return how many times as much as for a tenant with one claim the pages cost at most.

    Raises AssertionError when these are too many round trips or too many calls.
    """
    most: dict[str, float] = {}
    for at, cost in enumerate(costs):
        ratio = cost.divide(plain[at % 2])
        assert ratio["trips"] <= MAX_TRIPS, ratio
        assert ratio["calls"] <= MAX_CALLS[at % 2], ratio
        for name in ("trips", "read_units", "size", "calls", "seconds"):
            named = f"{name} of the {PAGES[at % 2]} (times a tenant's with one claim)"
            most[named] = max(round(ratio[name], 1), most.get(named, 0))
    return most


@contextmanager
def _serve() -> Iterator[tuple[Service, Meter]]:
    """Run the service over a database with DynamoDB's limits on size, and files in memory."""
    meter = Meter(LimitedDynamoDB())
    with in_process(meter, run_parallel=count_longest_branch) as service:
        service.exchange(files=FakeFiles())
        service.put_file = lambda announced, content: None
        yield service, meter


def _parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("seeds", help="one monster, or the first and the last: 1..1000")
    parser.add_argument("--processes", type=int, default=os.cpu_count())
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
