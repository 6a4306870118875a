"""What some seeds begin with: an incumbent that has lost a case of arbitration.

Random acts lead to this too rarely, because it takes five business days without an objection, a
rival, two statements and two senior reviewers. There are no faults in it. A mail that bounces ends
it early.
"""

import random
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from chalicelib.domain.claim import Claim
from tests.simulation.environment import MINUTE
from tests.simulation.faulty_clients import FaultRates
from tests.simulation.process import moment
from tests.simulation.requests import Request
from tests.simulation.settling import settle

if TYPE_CHECKING:
    from tests.simulation.simulation import Simulation

REASONS = {"coverage": "all", "recency": "new", "customer": "said so", "continuity": "no break"}
PATIENCE = timedelta(days=20)  # five business days in any calendar


class Prelude:
    """Plays the beginning of a simulation."""

    def __init__(self, sim: "Simulation") -> None:
        self.sim, self.rng = sim, random.Random(f"prelude {sim.seed}")

    def play(self) -> None:
        """Play it in half of the seeds in which all partners claim one subscription."""
        if self.sim.actors.contested is None or self.rng.random() < 0.5:
            return
        faults, alone = replace(self.sim.faults), self.sim.scheduler.alone
        self.sim.faults.__dict__.update(FaultRates().__dict__)
        self.sim.scheduler.alone = True
        work, events = self.sim.work, self.sim.events
        again, work.again, events.again = work.again, 0.0, 0.0
        self._play()
        work.again = events.again = again
        self.sim.faults.__dict__.update(faults.__dict__)
        self.sim.scheduler.alone = alone

    def _play(self) -> None:
        incumbent = self._file_approved("org_a", "rita")
        if not self._wait(lambda: self._now(incumbent).has_association_in_force):
            return
        winner = self._file_approved("org_b", "rolf")
        case = next(iter(self.sim.records.cases.values()), None)
        if case is None:
            return
        path = f"/v1/arbitrations/{case.id}"
        for party in case.active_parties:
            self._post(f"{party.organisation_id}_admin", f"{path}/statement", {"text": "we did it"})
        award = {"winner": winner.id}
        self._decide("sena", f"{path}/propose", award | {"reasons": REASONS}, case.id)
        self._decide("sven", f"{path}/confirm", award, case.id)
        if self.rng.random() < 0.5:
            self._change_mind(winner)

    def _change_mind(self, winner: Claim) -> None:
        """Let the customer object to the winner and undo it, with or without a rival in between."""
        mails = [one for one in self.sim.mail_service.sent.values() if one.token]
        own = [one for one in mails if not one.to.startswith(("pia@", "anna@"))]
        if not own:
            return
        self._send(self.sim.customers.decide(own[-1], winner, "opt_out"))
        if self.rng.random() < 0.3:
            self._send(self.sim.actors.file_contested("org_c"))
        self._send(self.sim.customers.decide(own[-1], winner, "undo"))
        wanted = [one for one in self.sim.mail_service.sent.values() if one.confirms]
        if wanted:
            self._send(self.sim.customers.confirm(wanted[-1]))

    def _file_approved(self, organisation_id: str, reviewer: str) -> Claim:
        """File a claim on the one subscription, and let a reviewer approve it."""
        known = set(self.sim.records.claims)
        self._send(self.sim.actors.file_contested(organisation_id))
        claim = next(c for one, c in self.sim.records.claims.items() if one not in known)
        for act in ("start", "approve"):
            path = f"/v1/review/claims/{claim.id}/{act}"
            self._post(reviewer, path, {}, self._now(claim).version)
        return claim

    def _decide(self, senior: str, path: str, body: dict[str, Any], case_id: str) -> None:
        self._post(senior, path, body, self.sim.records.cases[case_id].version)

    def _wait(self, is_done: Callable[[], bool]) -> bool:
        until = moment(self.sim.now) + PATIENCE
        while not is_done():
            due = self.sim.next_due()
            if due is None or moment(due) > until:
                return False
            self.sim.now = due + MINUTE
            settle(self.sim)
        return True

    def _now(self, claim: Claim) -> Claim:
        return self.sim.records.claims[claim.id]

    def _post(self, who: str, path: str, body: dict[str, Any], version: int | None = None) -> None:
        self._send(self.sim.actors.post(who, path, body, version=version))

    def _send(self, request: Request) -> None:
        self.sim.serve(request)
        settle(self.sim)
