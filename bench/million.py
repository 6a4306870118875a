"""Simulate a million deadlines that fall due in one minute, against the limits of the services: how
long until all are decided?

    python -m bench.million [--approved] [--cold] [--draw N] [--claims N]

The product's own numbers are imported, read from its templates, or counted on its handlers: how
many ids a sweep sends, how they are batched, how many workers there may be, how long a message is
hidden, and what the step writes to which partition. The other numbers are AWS's, or assumptions
that say so.

This is the worst case: all claims are of one partner, so that its partitions of the index `feed`
are the fewest; the table has never been written to faster than what its template warms it for; and
bursts that DynamoDB often allows are left out. DynamoDB does not tell which physical partition
holds a key, so a hash draws it.
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
from tools.packaging.template import read_additions

from .draining import PARTITION, Limits, Result, Simulation, Step
from .metered import Metered
from .metering import Used

ROOT = Path(__file__).resolve().parent.parent
GOAL = 15 * 60  # seconds at most
# Write units a second that a new table, and each index, takes at once (AWS, "On-demand capacity
# mode").
COLD = 4_000
# Of an event source without a limit of its own (AWS, "Scaling for SQS event sources").
MAX_POLLERS = 1_000
# Assumptions, in seconds. A round trip within a region; the CPU of a call and of an id that is
# read, measured here on a whole core (about 0.7 ms, 0.4 ms to the queue, 12 µs), at the 0.58 of a
# core that comes with 1 GB of memory.
TRIP, CALL, SEND, READ = 0.010, 0.0012, 0.0007, 0.00002


def main() -> int:
    """Simulate and print the result; fail when the goal is missed."""
    reader = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    reader.add_argument("--claims", type=int, default=1_000_000)
    reader.add_argument(
        "--approved",
        action="store_true",
        help="each was approved: silence makes an association, and a mail",
    )
    reader.add_argument(
        "--cold", action="store_true", help="without the template's warm throughput"
    )
    reader.add_argument("--draw", type=int, default=0, help="draw other partitions for the keys")
    reader.add_argument("--sweep-ids", type=int, help="with another number of ids in a sweep")
    reader.add_argument("--workers", type=int, help="with another number of workers")
    options = reader.parse_args()
    limits = read_limits(options.sweep_ids, options.workers)
    used = count_step(options.approved)
    partitions = Partitions({} if options.cold else read_warm_throughput(), options.draw)
    claims = (f"clm_{number:040d}" for number in range(options.claims))
    steps = [make_step(used, partitions, claim_id) for claim_id in claims]
    simulation = Simulation(limits, steps, partitions.count, random.Random(1))
    print(f"{limits}\nA step: {used.as_text()}, {steps[0].seconds * 1000:.0f} ms")
    return report(simulation.run(4 * 3600), simulation, partitions)


def read_limits(sweep_ids: int | None = None, workers: int | None = None) -> Limits:
    """Read the product's own numbers from its code, its settings and its templates."""
    config = json.loads((ROOT / ".chalice" / "config.json").read_text())
    work_queue = read_additions(ROOT / "infra", "prod")["Resources"]["WorkQueue"]["Properties"]
    source: Any = next(
        one for one in app.app.event_sources if getattr(one, "handler_string", "") == "app.worker"
    )
    retries: Any = CONFIG["retries"]
    return Limits(
        sweep_ids=sweep_ids or deadlines.MOST_A_SWEEP,
        entries=queue.BATCH,
        batch=source.batch_size,
        workers=workers or source.maximum_concurrency or MAX_POLLERS,
        visibility=work_queue["VisibilityTimeout"],
        receives=work_queue["RedrivePolicy"]["maxReceiveCount"],
        sweep_seconds=config["stages"]["prod"]["lambda_functions"]["sweep"]["lambda_timeout"],
        attempts=retries["total_max_attempts"],
        send=max(SEND, (TRIP + SEND) / wiring.THREADS),
        read=READ,
    )


def read_warm_throughput() -> dict[str, int]:
    """Return the write units a second that the template warms for, by index ('': the table)."""
    table = read_additions(ROOT / "infra", "prod")["Resources"]["Table"]["Properties"]
    indexes = {one["IndexName"]: one for one in table["GlobalSecondaryIndexes"]}
    return {
        name: one["WarmThroughput"]["Fn::If"][1]["WriteUnitsPerSecond"]
        for name, one in ({"": table} | indexes).items()
        if "WarmThroughput" in one
    }


def count_step(approved: bool) -> Used:
    """Count what one customer's silence costs, on the real handlers.

    `approved`: the claim was approved before.
    """
    with contextlib.redirect_stdout(io.StringIO()):
        service = Metered()
        claim_id = service.file(service.filing())
        service.work()
        service.deliver()
        tag = service.review(claim_id, "start", service.tag(claim_id))
        if approved:
            service.review(claim_id, "approve", tag)
            service.work()
        due = service.claim(claim_id).answer.due_at
        assert due
        # What is due earlier: the reminder, the reviewers' warnings.
        service.clock.moment = due - timedelta(hours=1)
        run_due_work(service.services, claim_id, service.clock.moment)
        service.work()
        service.clock.moment = due
        with service.meter.count_calls() as used:
            run_due_work(service.services, claim_id, due)
        assert service.claim(claim_id).answer.state == "not_objected"
    return used


class Partitions:
    """Numbers the physical partitions that hold the keys.

    `warm`: units a second that an index takes, where that is not COLD.
    """

    def __init__(self, warm: Mapping[str, int], draw: int = 0) -> None:
        self._warm, self._draw = warm, str(draw).encode()
        self.numbers: dict[tuple[str, int], int] = {}  # of an index ('': the table) and its nth

    @property
    def count(self) -> int:
        return len(self.numbers)

    def find(self, index: str, pk: str) -> int:
        """Return the number of the partition that holds this key of an index."""
        drawn = int.from_bytes(hashlib.md5(self._draw + pk.encode()).digest()[:8], "big")
        nth = drawn % (self._warm.get(index, COLD) // PARTITION)
        return self.numbers.setdefault((index, nth), len(self.numbers))


def make_step(used: Used, partitions: Partitions, claim_id: str) -> Step:
    """Make the counted step one of this claim: its own partitions replace the counted claim's."""
    own: dict[str, Callable[[], str]] = {
        "": lambda: keys.tenant_partition(claim_id),
        "due": lambda: keys.shard(claim_id),
        "E#": lambda: keys.event_partition("org_a", claim_id),
        "W#": lambda: keys.review_partition(claim_id),
    }
    writes = []
    for write in used.writes:
        units: Counter[int] = Counter()
        for (index, pk), count in write.items():
            make_pk = own.get(index) or own.get(pk[:2])
            units[partitions.find(index, make_pk() if make_pk else pk)] += count
        writes.append(tuple(sorted(units.items())))
    return _step(tuple(writes), used.calls.trips * TRIP + len(used.calls.names) * CALL)


@cache
def _step(writes: tuple[tuple[tuple[int, int], ...], ...], seconds: float) -> Step:
    return Step(writes, seconds, check=TRIP + 2 * CALL)


def report(result: Result, simulation: Simulation, partitions: Partitions) -> int:
    """Print the figures; return 0 if the goal is met."""
    claims, decided = len(simulation.steps), sorted(result.decided)
    print(f"decided {len(decided):,} of {claims:,}", end="")
    for share in (0.5, 0.99, 1):
        if len(decided) >= claims * share:
            print(f"; {share:.0%} after {decided[int(claims * share) - 1] / 60:.1f} min", end="")
    print(
        f"\nall notified after {result.ended / 60:.1f} min"
        if result.steps == claims
        else f"\nnot done: {claims - result.steps:,}"
    )
    print(
        f"{result.messages:,} messages, {result.redundant:,} of them redundant; "
        f"at most {result.workers} workers; {result.throttled:,} writes throttled, "
        f"{result.failed:,} messages failed, {result.dead_letters:,} dead letters"
    )
    busiest = ", ".join(
        f"{index or 'table'} {units}" for index, units in _busiest(simulation, partitions).items()
    )
    print(f"busiest second of a partition: {busiest} (limit {PARTITION})")
    met = len(decided) == claims and decided[-1] <= GOAL and not result.dead_letters
    verdict = "met" if met else "MISSED"
    print(f"goal: decided within {GOAL // 60} min, no partition above its limit: {verdict}")
    return 0 if met else 1


def _busiest(simulation: Simulation, partitions: Partitions) -> dict[str, int]:
    """The most units that a partition of each index took in one second."""
    busiest: dict[str, int] = {}
    for (index, _), number in partitions.numbers.items():
        most = max(simulation.partitions[number].used.values(), default=0)
        busiest[index] = max(busiest.get(index, 0), most)
    return busiest


if __name__ == "__main__":
    sys.exit(main())
