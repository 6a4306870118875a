"""One race: threads that act on the claims of different partners for the same item.

Every claim is stored as it would be right before: a draft about to be submitted, or under review
with the customer's agreement. Then all acts run together; one that loses a race is repeated, as a
caller would. Afterwards the case is settled and decided by several workers and seniors together,
and each time the holders are counted.
"""

import random
import threading
from collections.abc import Callable
from typing import Any

from chalicelib.domain.arbitration import Arbitration
from chalicelib.domain.claim import Claim, Outcome
from chalicelib.domain.deadlines import StepContext
from chalicelib.domain.ids import slot_id
from chalicelib.domain.refusals import LostRace, Refusal
from chalicelib.domain.slot import Slot
from chalicelib.domain.steps import partner as steps
from chalicelib.ports import Services
from chalicelib.usecases import arbitration, customer_answers, partner, reviewer, settlement
from chalicelib.usecases.callers import Caller, Guest
from chalicelib.usecases.decision_request import DecisionRequest
from chalicelib.usecases.idempotency import StoredResponse
from chalicelib.usecases.request import Conditions, Request
from chalicelib.usecases.unit_of_work import decide
from tests.races.claimants import ITEM, store_claims
from tests.races.figures import Figures
from tests.support.mail_records import a_mail_record

REASONS = {name: "as it is" for name in ("coverage", "recency", "customer", "continuity")}
DRAFTS = 0.35  # the share of claims that start as drafts
# What happens to a claim, by a random number: approved below the first, withdrawn below the second,
# otherwise the customer opts out.
APPROVED, WITHDRAWN = 0.72, 0.9
TRIES = 200  # of one caller


class Race:
    """One race for one item."""

    def __init__(
        self,
        services: Services,
        tenant_id: str,
        count: int,
        random_source: random.Random,
        figures: Figures,
    ) -> None:
        self.services = services
        self.random_source = random_source
        self.figures = figures
        self.slot_id = slot_id(tenant_id, ITEM.name)
        self.claims = store_claims(services.store, tenant_id, count, random_source, DRAFTS)
        figures.races += 1
        figures.claimants += count
        figures.most = max(figures.most, count)

    def run(self) -> None:
        """Run all claimants together, then the workers, the seniors, and the workers again."""
        self._run_together(
            [self._choose_act(claim, self.random_source.random()) for claim in self.claims]
        )
        self._check_holders("after the race")
        self._settle_all()
        self._check_holders("after settling")
        self._decide_case()
        self.figures.held += len(self._check_holders("at the end"))

    def _choose_act(self, claim: Claim, chance: float) -> Callable[[], None]:
        """Choose what happens to a claim: mostly it is approved, sometimes withdrawn, or the
        customer opts out.
        """
        services, now = self.services, self.services.clock.now
        rita = Caller(sub=f"rita {claim.organisation_id}", roles=frozenset({"reviewer"}))
        pia = Caller(
            sub="pia", organisation_id=claim.organisation_id, roles=frozenset({"incentives_admin"})
        )

        def approve() -> None:
            if claim.status == "draft":
                self._retry(
                    lambda: decide(services, DecisionRequest(claim.id, submit, conditions_now()))
                )
                self._retry(lambda: answer("agree"))
                self._retry(
                    lambda: reviewer.start(services, make_request(rita), claim.id, _render_claim)
                )
            command = reviewer.Approve(claim.id)
            self._retry(
                lambda: reviewer.approve(services, make_request(rita), command, _render_claim)
            )

        def withdraw() -> None:
            command = partner.Withdraw(claim.id, "x")
            self._retry(
                lambda: partner.withdraw(services, make_request(pia), command, _render_claim)
            )

        def opt_out() -> None:
            self._retry(lambda: answer("opt_out"))

        def conditions_now() -> Conditions:
            return Conditions(now=now())

        def make_request(caller: Caller) -> Request:
            return Request(caller=caller, now=now())

        def answer(decision: Any) -> None:
            given = customer_answers.GivenAnswer(
                _make_guest(claim), customer_answers.Answer(decision)
            )
            customer_answers.answer_claim(services, claim.id, given, conditions_now())

        def submit(claim: Claim, slot: Slot, ctx: StepContext) -> Outcome:
            contested = slot.is_contested_for(claim.organisation_id)
            return steps.submit(claim, pia.as_partner, ctx, contested)

        return approve if chance < APPROVED else withdraw if chance < WITHDRAWN else opt_out

    def _settle_all(self) -> None:
        """Let several workers settle the slot, repeatedly: one write settles only so much."""
        for _ in range(TRIES):
            self._run_together([self._settle] * 3)
            slot = self.services.store.slots.get(self.slot_id)
            if slot is None or slot.pending_settlement_since is None:
                return
        self.figures.faults.append("the slot is never settled")

    def _settle(self) -> None:
        """Settle the slot, as a worker does."""
        self._retry(
            lambda: settlement.settle(self.services, self.slot_id, self.services.clock.now())
        )

    def _apply_due_clocks(self, claim_id: str) -> None:
        """Process a claim whose deadline has passed, as a worker does; no mails are sent here."""

        def keep(claim: Claim, slot: Slot, ctx: StepContext) -> Outcome:
            return Outcome(claim=claim)

        def process() -> None:
            conditions = Conditions(now=self.services.clock.now())
            decide(self.services, DecisionRequest(claim_id, keep, conditions, looks_up_item=True))

        self._retry(process)

    def _decide_case(self) -> None:
        """Decide the case, if there is one: two seniors confirm it at the same time; then several
        workers process the claims of its parties.
        """
        slot = self.services.store.slots.get(self.slot_id)
        case = self.services.store.arbitrations.get(slot.case_id) if slot and slot.case_id else None
        if case is None:
            return
        self.figures.cases += 1
        winner = self.random_source.choice(case.active_parties).claim_ids[0]
        now = self.services.clock.now
        first, *others = (
            Caller(sub=name, roles=frozenset({"senior_reviewer"}))
            for name in ("sena", "sven", "tess")
        )
        self._give_statements(case)
        proposal = arbitration.ProposeDecision(case.id, winner, REASONS)
        confirmation = arbitration.ConfirmDecision(case.id, winner)
        arbitration.propose_decision(
            self.services, Request(caller=first, now=now()), proposal, _render_case
        )

        def confirm(by: Caller) -> Callable[[], None]:
            return lambda: self._retry(
                lambda: arbitration.confirm_decision(
                    self.services, Request(caller=by, now=now()), confirmation, _render_case
                )
            )

        self._run_together([confirm(by) for by in others])
        self._check_holders("after the decision")
        self._settle_all()
        self._check_holders("after the decision is settled")
        parties = [one for party in case.active_parties for one in party.claim_ids]
        self._run_together(
            [lambda one=one: self._apply_due_clocks(one) for one in (winner, winner, *parties[:6])]
        )  # type: ignore[misc]
        if any(c.status == "in_arbitration" for c in self.services.store.claims.get_many(parties)):
            self.figures.faults.append(
                "a case is decided, but a claim of it is still in arbitration"
            )
        ended = (
            c.association for c in self.services.store.claims.get_many(parties) if c.association
        )
        self.figures.superseded += sum(one.end_reason == "superseded" for one in ended)

    def _give_statements(self, case: Arbitration) -> None:
        """Let every party make its statement, so that the case can be decided."""
        statement = arbitration.GiveStatement(case.id, "We do the work.")
        for party in case.active_parties:
            by = Caller("pia", "Pia", party.organisation_id, frozenset({"incentives_admin"}))
            request = Request(caller=by, now=self.services.clock.now())
            arbitration.give_statement(self.services, request, statement, _render_case)

    def _retry(self, act: Callable[[], Any]) -> None:
        """Repeat a lost race; any other refusal is an answer."""
        for _ in range(TRIES):
            try:
                act()
            except LostRace:
                self.figures.lost += 1
                continue
            except Refusal:
                pass
            return
        self.figures.faults.append("a caller never got an answer")

    def _run_together(self, acts: list[Callable[[], None]]) -> None:
        """Run each act in a thread of its own; all start at the same moment."""
        barrier = threading.Barrier(len(acts))

        def run(act: Callable[[], None]) -> None:
            barrier.wait()
            try:
                act()
            except Exception as fault:  # noqa: BLE001 - a fault of a thread is reported by the race
                self.figures.faults.append(repr(fault))

        threads = [threading.Thread(target=run, args=(act,)) for act in acts]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def _check_holders(self, when: str) -> set[str]:
        """Return who holds the item; the claims and the slot must agree."""
        now = self.services.store.claims.get_many([c.id for c in self.claims])
        slot = self.services.store.slots.get(self.slot_id)
        contenders = slot.contenders if slot else ()
        holders = {c.organisation_id for c in now if c.standing == "holds"}
        official = {c.organisation_id for c in now if c.has_association_in_force}
        self.figures.two_holders += len(holders) > 1 or len(official) > 1
        if holders != {e.organisation_id for e in contenders if e.standing == "holds"}:
            self.figures.faults.append(f"{when}: the slot does not name the holder")
        if {e.claim_id for e in contenders} != {c.id for c in now if c.standing}:
            self.figures.faults.append(f"{when}: the slot does not list its contenders")
        return holders


def _make_guest(claim: Claim) -> Guest:
    """Make the customer, who has a tenant link."""
    mail = a_mail_record(
        tenant_id=claim.tenant_id,
        claim_ids=(claim.id,),
        recipient="",
        language="de",
        sent_at=claim.created_at,
    )
    return Guest(mail, "")


def _render_case(case: Any) -> StoredResponse:
    return StoredResponse(200, "{}")


def _render_claim(claim: Claim, slot: Slot, ctx: StepContext) -> StoredResponse:
    return StoredResponse(200, "{}")
