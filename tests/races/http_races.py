"""Races over HTTP: reviewers and partners call the deployed service at the same moment, each in a
session of their own.

`python -m tests.races.http_races 200` starts the service and runs that many.
"""

import random
import sys
import threading
import time
import uuid
from collections.abc import Callable
from typing import Any

import requests

from chalicelib.aws.queue import run_in_order
from chalicelib.aws.store import DynamoStore
from chalicelib.domain.ids import slot_id
from tests.races.claimants import ITEM, store_claims
from tests.races.figures import Figures
from tests.races.race import REASONS
from tests.support.arbitrations import hear_everyone
from tests.support.customer import Customer
from tests.support.emulator import DeployedStage
from tests.support.over_http import over_http
from tests.support.service import Service

MOST = 8
TRIES = 60


class HttpRace:
    """One race for one item, by callers of a deployed service."""

    def __init__(
        self, service: Service, url: str, random_source: random.Random, figures: Figures
    ) -> None:
        self.service = service
        self.url = url
        self.random_source = random_source
        self.figures = figures
        self.store = DynamoStore(service.rows, run_in_order)
        self.customer: Customer = service.customer()
        count = random_source.randint(2, MOST)
        self.claims = store_claims(self.store, self.customer.tenant_id, count, random_source)
        figures.races, figures.claimants = figures.races + 1, figures.claimants + len(self.claims)
        figures.most = max(figures.most, len(self.claims))

    def run(self) -> None:
        """Run all acts together; then the case is settled, and two seniors confirm it together."""
        self._run_together(
            [
                self._choose_act(claim.id, claim.organisation_id)
                for claim in self.claims
                if claim.status != "approved"
            ]
        )
        self.service.settle()
        self._check_holders("after settling")
        self._decide_case()
        self.service.settle()
        self.figures.held += len(self._check_holders("at the end"))

    def _choose_act(
        self, claim_id: str, organisation_id: str
    ) -> Callable[[requests.Session], None]:
        rita, pia = self.service.token(name="Rita"), self.service.token(organisation_id)
        if self.random_source.random() < 0.75:
            return lambda session: self._retry(
                session, f"/v1/review/claims/{claim_id}/approve", {}, rita
            )
        return lambda session: self._retry(
            session, f"/v1/claims/{claim_id}/withdraw", {"reason": "x"}, pia
        )

    def _decide_case(self) -> None:
        slot = self.store.slots.get(slot_id(self.customer.tenant_id, ITEM.name))
        case = self.store.arbitrations.get(slot.case_id) if slot and slot.case_id else None
        if case is None:
            return
        self.figures.cases += 1
        path = f"/v1/arbitrations/{case.id}"
        winner = self.random_source.choice(case.active_parties).claim_ids[0]
        hear_everyone(self.service, case.id)
        sena, *others = (
            self.service.token(None, "senior_reviewer", name=name)
            for name in ("Sena", "Sven", "Tess")
        )
        with requests.Session() as session:
            self._retry(session, f"{path}/propose", {"winner": winner, "reasons": REASONS}, sena)
        self._run_together(
            [
                lambda session, by=by: self._retry(
                    session, f"{path}/confirm", {"winner": winner}, by
                )
                for by in others
            ]
        )  # type: ignore[misc]

    def _retry(self, session: requests.Session, path: str, body: dict[str, Any], by: str) -> None:
        """Make one call, again while its version has changed or it lost a race; any other refusal
        is an answer.
        """
        for _ in range(TRIES):
            headers = {"Authorization": f"Bearer {by}", "Idempotency-Key": uuid.uuid4().hex}
            if "/v1/claims/" not in path:
                seen = session.get(self.url + path.rpartition("/")[0], headers=headers, timeout=60)
                headers["If-Match"] = seen.headers.get("ETag", '"0"')
            reply = session.post(self.url + path, json=body, headers=headers, timeout=60)
            if reply.status_code >= 500:
                self.figures.faults.append(f"{reply.status_code} {path.rpartition('/')[2]}")
            if (
                reply.status_code == 412
                or reply.json().get("code") == "lost_race"
                or reply.status_code in (429, 503)
            ):
                self.figures.lost += 1
                continue
            return
        self.figures.faults.append("a caller never got an answer")

    def _run_together(self, acts: list[Callable[[requests.Session], None]]) -> None:
        barrier = threading.Barrier(len(acts)) if acts else None

        def run(act: Callable[[requests.Session], None]) -> None:
            with requests.Session() as session:
                assert barrier
                barrier.wait()
                act(session)

        threads = [threading.Thread(target=run, args=(act,)) for act in acts]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def _check_holders(self, when: str) -> set[str]:
        now = self.store.claims.get_many([c.id for c in self.claims])
        slot = self.store.slots.get(slot_id(self.customer.tenant_id, ITEM.name))
        holders = {c.organisation_id for c in now if c.standing == "holds"}
        self.figures.two_holders += len(holders) > 1
        if holders != {
            e.organisation_id for e in (slot.contenders if slot else ()) if e.standing == "holds"
        }:
            self.figures.faults.append(f"{when}: the slot does not name the holder")
        return holders


def run_http_races(stage: DeployedStage, count: int, seed: int = 1) -> Figures:
    """Run races over HTTP."""
    figures, random_source = Figures(), random.Random(seed)
    for _ in range(count):
        with over_http(stage) as service:
            HttpRace(service, stage.url, random_source, figures).run()
    return figures


def main(count: int) -> int:
    from tools import embedded

    running, began = embedded.start(), time.monotonic()
    try:
        figures = run_http_races(
            DeployedStage(running.url, running.aws_endpoint, running.table_name, running.outputs),
            count,
        )
    finally:
        running.stop()
    print(
        f"{figures.races} races over HTTP of 2 to {figures.most} claimants, "
        f"{figures.claimants} claimants in all, "
        f"{time.monotonic() - began:.0f} s; cases {figures.cases}, held in the end {figures.held}"
    )
    print(f"two holders: {figures.two_holders}; faults: {figures.faults[:5] or 'none'}")
    return 1 if figures.two_holders or figures.faults else 0


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 20))
