"""A million deadlines due in one minute, against the limits of the services, simulated: how long
until all are decided?

    python -m bench.million [--told] [--cold] [--draw N] [--claims N]

The product's own numbers are imported, read from its templates, or counted on its handlers: how
much a sweep takes, how ids are batched, how many workers there may be, how long a message is
hidden, and what the step writes to which partition. The other numbers are AWS's, or assumptions
that say so.

The worst case is played: all claims are of one partner, so that its partitions of the index `feed`
are the fewest; the table has never been written to faster than what its template warms it for;
bursts that DynamoDB often grants are not counted on. Which physical partition holds a key is
DynamoDB's secret, so it is drawn by a hash.
"""

import argparse
import contextlib
import hashlib
import io
import json
import random
import sys
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any

import app
from chalicelib.aws import keys, queue
from chalicelib.aws.clients import CONFIG
from chalicelib.runtime import wiring
from chalicelib.usecases import deadlines
from chalicelib.usecases.due_work import run_due_work
from tools.packaging.template import additions

from .draining import PARTITION, Drained, Draining, House, Step
from .metered import Metered
from .metering import Used

ROOT = Path(__file__).resolve().parent.parent
GOAL = 15 * 60  # seconds (quality figures, "Fast and cheap")
# write units a second that a new table, and each index, takes at once (AWS, "On-demand capacity
# mode")
COLD = 4_000
MOST_POLLERS = (
    1_000  # of an event source without a limit of its own (AWS, "Scaling for SQS event sources")
)
# Assumptions, in seconds. A round trip within a region; the CPU of a call and of an id read,
# measured here on a whole core (about 0.7 ms, 0.4 ms to the queue, 12 µs), at the 0.58 of a core
# that 1 GB of memory is given.
TRIP, CALL, SEND, READ = 0.010, 0.0012, 0.0007, 0.00002


def main() -> int:
    """Plays it and says what came of it; fails when the goal is missed."""
    asked = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    asked.add_argument("--claims", type=int, default=1_000_000)
    asked.add_argument(
        "--told",
        action="store_true",
        help="each was approved: silence makes an association, and a letter",
    )
    asked.add_argument(
        "--cold", action="store_true", help="what if the table were not warmed by its template"
    )
    asked.add_argument(
        "--draw", type=int, default=0, help="another draw of which partition holds which key"
    )
    asked.add_argument("--most", type=int, help="what if a sweep took so many")
    asked.add_argument("--workers", type=int, help="what if there were so many workers")
    said = asked.parse_args()
    house, used = house_of(said.most, said.workers), counted(said.told)
    slots = Places({} if said.cold else without_cooldown(), said.draw)
    steps = [step(used, slots, f"clm_{number:040d}") for number in range(said.claims)]
    draining = Draining(house, steps, slots.count, random.Random(1))
    print(f"{house}\nA step: {used.as_text()}, {steps[0].seconds * 1000:.0f} ms")
    return show(draining.run(4 * 3600), draining, slots, said.claims)


def house_of(most: int | None = None, workers: int | None = None) -> House:
    """The product's own numbers: from its code, its settings and its templates."""
    functions = json.loads((ROOT / ".chalice" / "config.json").read_text())["stages"]["prod"][
        "lambda_functions"
    ]
    waiting = additions(ROOT / "infra", "prod")["Resources"]["WorkQueue"]["Properties"]
    source: Any = next(
        one for one in app.app.event_sources if getattr(one, "handler_string", "") == "app.worker"
    )
    retries: Any = CONFIG["retries"]
    at_once: int = wiring.THREADS
    return House(
        most=most or deadlines.MOST_A_SWEEP,
        entries=queue.BATCH,
        batch=source.batch_size,
        workers=workers or source.maximum_concurrency or MOST_POLLERS,
        hidden=waiting["VisibilityTimeout"],
        lives=waiting["RedrivePolicy"]["maxReceiveCount"],
        sweep_ends=functions["sweep"]["lambda_timeout"],
        tries=retries["total_max_attempts"],
        send=max(SEND, (TRIP + SEND) / at_once),
        read=READ,
    )


def without_cooldown() -> dict[str, int]:
    """Write units a second that the template warms the table ('') and its indexes for."""
    table = additions(ROOT / "infra", "prod")["Resources"]["Table"]["Properties"]
    indexes = {one["IndexName"]: one for one in table["GlobalSecondaryIndexes"]}
    return {
        name: one["WarmThroughput"]["Fn::If"][1]["WriteUnitsPerSecond"]
        for name, one in ({"": table} | indexes).items()
        if "WarmThroughput" in one
    }


def counted(told: bool) -> Used:
    """What one customer's silence costs, on the real handlers.

    `told`: the claim was approved before.
    """
    with contextlib.redirect_stdout(io.StringIO()):
        service = Metered()
        its = service.file(service.filing())
        service.work()
        service.delivered()
        tag = service.review(its, "start", service.tag(its))
        if told:
            service.review(its, "approve", tag)
            service.work()
        due = service.services.store.claims.get_many([its])[0].answer.due_at
        assert due
        service.clock.moment = due - timedelta(hours=1)
        run_due_work(
            service.services, its, service.clock.moment
        )  # whatever came before: the reminder, the reviewers' warnings
        service.work()
        service.clock.moment = due
        with service.meter.metered() as used:
            run_due_work(service.services, its, due)
        assert service.services.store.claims.get_many([its])[0].answer.state == "not_objected"
    return used


class Places:
    """Numbers for the physical partitions that hold some keys.

    `warm`: units a second that an index takes, if not COLD.
    """

    def __init__(self, warm: Mapping[str, int], draw: int = 0) -> None:
        self._warm, self._draw = warm, str(draw).encode()
        self.names: dict[tuple[str, int], int] = {}

    @property
    def count(self) -> int:
        return len(self.names)

    def of(self, index: str, pk: str) -> int:
        return self.names.setdefault(
            (
                index,
                int.from_bytes(hashlib.md5(self._draw + pk.encode()).digest()[:8], "big")
                % (self._warm.get(index, COLD) // PARTITION),
            ),
            len(self.names),
        )


def step(used: Used, slots: Places, claim_id: str) -> Step:
    """The counted step as this claim makes it: its own partitions in place of those of the claim
    that was counted.
    """
    own: dict[str, Callable[[], str]] = {
        "": lambda: keys.tenant_partition(claim_id),
        "due": lambda: keys.shard(claim_id),
        "E#": lambda: keys.event_partition("org_a", claim_id),
        "W#": lambda: keys.review_partition(claim_id),
    }
    writes = []
    for one in used.writes:
        units: Counter[int] = Counter()
        for (index, pk), some in one.items():
            its = own.get(index) or own.get(pk[:2])
            units[slots.of(index, its() if its else pk)] += some
        writes.append(tuple(sorted(units.items())))
    return _step(tuple(writes), used.calls.trips * TRIP + len(used.calls.names) * CALL)


@cache
def _step(writes: tuple[tuple[tuple[int, int], ...], ...], seconds: float) -> Step:
    return Step(writes, seconds, snapshot=TRIP + 2 * CALL)


def show(went: Drained, draining: Draining, slots: Places, claims: int) -> int:
    """The figures, and whether the goal is met."""
    busiest = {
        name: max(
            (max(draining.partitions[at].seconds.values(), default=0), at)
            for (one, _), at in slots.names.items()
            if one == name
        )[0]
        for name in dict.fromkeys(index for index, _ in slots.names)
    }
    minutes = sorted(went.decided)
    print(f"decided {len(minutes):,} of {claims:,}", end="")
    for share in (0.5, 0.99, 1):
        if len(minutes) >= claims * share:
            print(f"; {share:.0%} after {minutes[int(claims * share) - 1] / 60:.1f} min", end="")
    print(
        f"\nall told after {went.ended / 60:.1f} min"
        if went.steps == claims
        else f"\nnot done: {claims - went.steps:,}"
    )
    print(
        f"{went.messages:,} messages, {went.again:,} of them redundant; "
        f"at most {went.workers} workers; {went.throttled:,} writes throttled, "
        f"{went.failed:,} messages failed, {went.buried:,} dead letters"
    )
    print(
        "busiest second of a partition: "
        + ", ".join(f"{name or 'table'} {units}" for name, units in busiest.items())
        + f" (limit {PARTITION})"
    )
    met = len(minutes) == claims and minutes[-1] <= GOAL and not went.buried
    result = "met" if met else "MISSED"
    print(f"goal: decided within {GOAL // 60} min, no partition above its limit: {result}")
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
