"""The customer's page of a tenant with the largest claims that partners can make, next to that of a
tenant with one claim: over HTTP, from the deployed package.

    python -m bench.largest_page

Times are paired: both pages are fetched in every round, and the ratio is taken per round.
"""

import contextlib
import io
import sys
import time
from statistics import median, quantiles

from tests.security.monsters.monster import Monster
from tests.support.customer import SALES
from tests.support.emulator import DeployedStage
from tests.support.over_http import over_http
from tests.support.service import Service
from tools import embedded

GOAL = 2.0  # times a page with one claim (docs/promises.md, "in the way of another's")
PARTNERS, ROUNDS = 3, 61


def main() -> int:
    """Print the ratio of the two pages; fail when the goal is missed."""
    with contextlib.redirect_stdout(io.StringIO()):
        running = embedded.start()
    try:
        stage = DeployedStage(
            running.url, running.aws_endpoint, running.table_name, running.outputs
        )
        with over_http(stage) as service:
            plain, largest = _make_plain(service), _make_largest(service)
            ratios = [_fetch(service, largest) / _fetch(service, plain) for _ in range(ROUNDS)]
            size = len(service.call("GET", largest).text.encode())
    finally:
        running.stop()
    low, *_, high = quantiles(ratios, n=10)
    print(
        f"customer's page of {size:,} B, times a page with one claim: median {median(ratios):.2f} "
        f"({low:.2f} to {high:.2f} in four of five rounds), goal {GOAL}"
    )
    return int(median(ratios) > GOAL)


def _make_plain(service: Service) -> str:
    """Return the link of a tenant with one claim."""
    customer = service.customer()
    claim = customer.file(1)
    service.settle()
    return service.link(claim["id"], customer.admin)


def _make_largest(service: Service) -> str:
    """Return the link of a tenant with three filings of ten items, every field at its limit."""
    monster = Monster(service, service.customer(), PARTNERS)
    monster.feed()
    items = [{"product": SALES, "subscription_id": one} for one in monster.subscriptions]
    for number in range(1, PARTNERS + 1):
        reply = monster.file_items(number, items)
        assert reply.status == 201, reply.text[:500]
        monster.claims[number] = reply.json["claims"]
    service.settle()
    return service.link(monster.claims[1][0]["id"], monster.customer.admin)


def _fetch(service: Service, link: str) -> float:
    """Return the seconds that a page takes."""
    started = time.perf_counter()
    reply = service.call("GET", link)
    assert reply.status == 200, reply.text[:500]
    return time.perf_counter() - started


if __name__ == "__main__":
    sys.exit(main())
