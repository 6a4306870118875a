"""What an operation costs when much is stored: units and round trips with a thousand claims stored,
and with a hundred thousand.

    python -m bench.growth [CLAIMS ...]

All claims belong to one partner, all wait in the reviewers' queue or are listed as associations,
and all have a deadline to come, so that as much as possible could be read by mistake. The same
number is due, and the same page is shown, at each size.
"""

import contextlib
import io
import sys
from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from typing import Any

from chalicelib.domain.base32 import base32
from chalicelib.domain.claim import Claim
from chalicelib.domain.history import Entry
from chalicelib.domain.ids import EVENT_RANDOM, MOMENT, Kind, new_id, slot_id
from chalicelib.domain.item import Item, id_suffix
from chalicelib.domain.slot import Slot
from chalicelib.ports import Change
from chalicelib.usecases.deadlines import sweep
from chalicelib.usecases.due_work import run_due_work
from chalicelib.usecases.insight_tally import count_partner

from .metered import Metered
from .metering import Used

SETTLED = timedelta(minutes=5)  # after which events are counted
DUE, SIZES = 32, (1_000, 100_000)
Costs = dict[str, Used]


def main(sizes: tuple[int, ...] = SIZES) -> int:
    """Print a column for each size; fail when an operation costs more at a larger one."""
    columns = [measure(size) for size in sizes]
    print(
        f"\n{'trips, calls, read units, write units':<40}"
        + "".join(f"{size:>24,}" for size in sizes)
    )
    for name in columns[0]:
        print(f"{name:<40}" + "".join(f"{as_text(column[name]):>24}" for column in columns))
    differ = [name for name in columns[0] if len({as_text(column[name]) for column in columns}) > 1]
    result = f"differ: {', '.join(differ)}" if differ else "the same at every size"
    print(f"\n{result}; goal: the same")
    return 1 if differ else 0


def as_text(used: Used) -> str:
    calls = f"{used.calls.trips}, {len(used.calls.names)}"
    return f"{calls}, {used.read_units:g}, {used.write_units}"


def measure(stored: int) -> Costs:
    """Measure every operation once, with so many claims stored."""
    with contextlib.redirect_stdout(io.StringIO()):
        service = Metered()
        claim, page = _make_claim_under_review(service)
        store(service, (claim, _make_approved_claim(service)), stored)
        return {name: _meter(service, do) for name, do in _operations(service, claim, page)}


def store(service: Metered, kinds: tuple[Claim, ...], count: int) -> None:
    """Store so many copies of claims that were really filed, each for a customer of its own, with
    slot and history, and nothing due for a year.
    """
    histories = [service.services.store.history.list_entries(claim.id) for claim in kinds]
    for number in range(count):
        claim, history = kinds[number % len(kinds)], histories[number % len(kinds)]
        tenant_id = f"{number:08x}-9999-4111-8111-111111111111"
        item = Item(
            product=claim.item.product, subscription_id=f"{number:08x}-8888-4111-8111-111111111111"
        )
        claim_id = new_id(
            Kind.CLAIM,
            service.clock.now(),
            service.services.random_bytes,
            id_suffix(tenant_id, item),
        )
        later = tuple(
            clock.evolve(due_at=clock.due_at + timedelta(days=365)) for clock in claim.clocks
        )
        copy = claim.evolve(id=claim_id, tenant_id=tenant_id, item=item, rev=1, clocks=later)
        service.services.store.commit(
            Change(
                claims=(copy,),
                slots=(
                    Slot(tenant_id=tenant_id, item=item, rev=1).with_contender(
                        copy.to_contender(), claim_id
                    ),
                ),
                entries=(tuple(_copy_entry(entry, claim_id, number) for entry in history),),
            )
        )


def _copy_entry(entry: Entry, claim_id: str, number: int) -> Entry:
    """Return a row of history of a copy, with an event id of its own."""
    start = len(Kind.EVENT.prefix) + MOMENT
    event_id = f"{entry.id[:start]}{base32(number, EVENT_RANDOM)}{entry.id[start + EVENT_RANDOM :]}"
    return entry.evolve(claim_id=claim_id, id=event_id)


def _make_claim_under_review(service: Metered) -> tuple[Claim, str]:
    """Make a claim under review whose customer was notified; also return the customer's page."""
    claim_id = service.file(service.filing())
    service.work()
    page = service.page()
    service.deliver()
    service.review(claim_id, "start", service.tag(claim_id))
    return service.claim(claim_id), page


def _make_approved_claim(service: Metered) -> Claim:
    """Make an approved claim, which is in its partner's list of associations."""
    claim_id = service.file(service.filing())
    service.work()
    service.deliver()
    _approve(service, claim_id)
    service.work()
    return service.claim(claim_id)


def _approve(service: Metered, claim_id: str) -> None:
    tag = service.review(claim_id, "start", service.tag(claim_id))
    service.review(claim_id, "approve", tag)


def _operations(
    service: Metered, claim: Claim, page: str
) -> Iterator[tuple[str, Callable[[], object]]]:
    """Yield each operation after making everything that it needs."""
    yield "read a claim", lambda: service.call("GET", f"/v1/claims/{claim.id}")
    yield "customer's page", lambda: service.call("GET", page)
    yield "partner's list, 25", lambda: service.call("GET", "/v1/claims?limit=25")
    yield "associations, 25", lambda: service.call("GET", "/v1/associations?limit=25")
    yield "events, 25", lambda: service.call("GET", "/v1/events?limit=25")
    yield from _insight_operations(service)
    yield "reviewers' queue, 25", lambda: service.call("GET", "/v1/review/queue?limit=25", "rita")
    filing = service.filing()
    yield "file a claim", lambda: service.file(filing)
    service.work()
    tag = service.tag(claim.id)
    yield "reviewer's decision", lambda: service.review(claim.id, "approve", tag)
    service.work()
    yield from _arbitration_operations(service)
    due = [service.file(service.filing()) for _ in range(DUE)]
    service.work()
    service.deliver()
    moment = service.claim(due[0]).answer.due_at  # when the customers' silence counts
    assert moment
    service.clock.moment = moment
    yield "sweep", lambda: sweep(service.services, moment)
    service.outside.ids.clear()
    yield "tick of a deadline", lambda: run_due_work(service.services, due[0], moment)


def _insight_operations(service: Metered) -> Iterator[tuple[str, Callable[[], object]]]:
    """Yield reading what was counted, and counting what has happened since."""
    service.clock.moment += SETTLED
    while count_partner(service.services, "org_a", service.clock.now()):
        pass
    yield "insights of a month", lambda: service.call("GET", "/v1/insights?by=country")
    service.file(service.filing())
    service.work()
    service.clock.moment += SETTLED
    now = service.clock.now()
    yield "count a new claim's insights", lambda: count_partner(service.services, "org_a", now)


def _arbitration_operations(service: Metered) -> Iterator[tuple[str, Callable[[], object]]]:
    """Yield the operations of a case: two partners claim one item, both with proof."""
    first = service.filing()
    claim_id = service.file(first)
    other: Mapping[str, Any] = service.filing("org_b", first)
    other_id = service.file(other, "org_b")
    service.work()
    _approve(service, other_id)
    service.work()
    tag = service.review(claim_id, "start", service.tag(claim_id))
    yield "contested approval", lambda: service.review(claim_id, "approve", tag)
    name = service.claim(claim_id).item.name
    slot = slot_id(first["tenant_id"], name)
    yield (
        "arbitration: a case is opened",
        lambda: run_due_work(service.services, slot, service.clock.now()),
    )
    service.work()
    assert service.services.store.arbitrations.list_of("org_b", None, 1)[0], "no case was opened"
    yield "partner's cases", lambda: service.call("GET", "/v1/arbitrations?limit=25")


def _meter(service: Metered, do: Callable[[], object]) -> Used:
    with service.meter.count_calls() as used:
        do()
    return used


if __name__ == "__main__":
    sys.exit(main(tuple(int(one) for one in sys.argv[1:]) or SIZES))
