"""One race: real threads, each with a partner's claim on the same item.

Every claim lies in the store as it would a moment before: a draft about to be submitted, or under
review with the customer's agreement. Then everybody does at once what it has come for; a lost race
is tried again, as a caller would. Afterwards the case is settled and decided, several workers and
seniors at once, and each time the holders are counted.
"""

import random
import secrets
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from chalicelib.aws.clients import get_client
from chalicelib.aws.feed import Feed
from chalicelib.aws.rows import Rows
from chalicelib.aws.store import DynamoStore
from chalicelib.directory.registry import Registry
from chalicelib.domain.arbitration import Arbitration
from chalicelib.domain.association import Association
from chalicelib.domain.claim import Claim, Outcome
from chalicelib.domain.customer_answer import Address, Answer
from chalicelib.domain.deadlines import StepContext
from chalicelib.domain.ids import Kind, new_id, slot_id
from chalicelib.domain.item import Item, SubscriptionSnapshot, id_suffix
from chalicelib.domain.mail_records import MailRecord
from chalicelib.domain.refusals import LostRace, Refusal
from chalicelib.domain.slot import Slot
from chalicelib.domain.steps import partner as steps
from chalicelib.ports import Change, Services, Store
from chalicelib.runtime import wiring
from chalicelib.usecases import arbitration, customer_answers, partner, reviewer, settlement
from chalicelib.usecases.callers import Caller, Guest
from chalicelib.usecases.decision_request import DecisionRequest
from chalicelib.usecases.idempotency import StoredResponse
from chalicelib.usecases.request import Conditions, Request
from chalicelib.usecases.unit_of_work import decide
from tests.races.shared_memory import Shared
from tests.support import feed
from tests.support.embedded_aws import fresh_services
from tests.support.tables import NAME

ITEM = Item(product=feed.SALES, subscription_id=feed.SUBSCRIPTION)
REASONS = {name: "as it is" for name in ("coverage", "recency", "customer", "continuity")}
DRAFTS, APPROVED, WITHDRAWN = (
    0.35,
    0.72,
    0.9,
)  # how many start as drafts; whose lot is what, the rest the customer refuses
INCUMBENT = 0.5  # how many races begin with an official holder
TRIES = 200  # of one caller


@dataclass
class Figures:
    """What the races came to."""

    races: int = 0
    claimants: int = 0
    most: int = 0
    lost: int = 0
    cases: int = 0
    held: int = 0
    superseded: int = 0
    two_holders: int = 0
    faults: list[str] = field(default_factory=list)


@contextmanager
def course(engine: str = "memory") -> Iterator["Course"]:
    """Where races are held: over a table in `memory`, or on `moto`."""
    with fresh_services() as (made, _):
        table = Rows(get_client("dynamodb") if engine == "moto" else Shared(), NAME)
        clock = wiring.SystemClock()
        registry = Registry(Feed(table), clock, _one_by_one)
        yield Course(
            table,
            made.evolve(
                store=DynamoStore(table, _one_by_one),
                directory=registry,
                partners=registry,
                clock=clock,
                run_parallel=_one_by_one,
            ),
        )


def _one_by_one(*calls: Callable[[], Any]) -> tuple[Any, ...]:
    """Reads one after the other: the threads of a race are its claimants' own."""
    return tuple(call() for call in calls)


@dataclass
class Course:
    """A table, and a world over it."""

    rows: Rows
    services: Services

    def race(
        self, random_bytes: random.Random, figures: Figures, most: int = 64, count: int = 0
    ) -> None:
        """One race of `count`, or of 2 to `most` claimants for an item of a fresh tenant.

        Counts what happened into `figures`.
        """
        tenant_id = str(UUID(int=random_bytes.getrandbits(128), version=4))
        feed.write(
            self.rows,
            [feed.a_partner()],
            [feed.a_tenant(tenant_id=tenant_id, domains=())],
            [feed.a_subscription(tenant_id=tenant_id)],
        )
        count = count or min(most, int(2 * (most / 2) ** random_bytes.random() + 0.5))
        Race(self.services, tenant_id, count, random_bytes, figures).run()
        if isinstance(self.rows._client, Shared):
            self.rows._client.empty()


class Race:
    """One race for one item."""

    def __init__(
        self,
        services: Services,
        tenant_id: str,
        count: int,
        random_bytes: random.Random,
        figures: Figures,
    ) -> None:
        self.services, self.tenant_id, self.random_bytes, self.figures = (
            services,
            tenant_id,
            random_bytes,
            figures,
        )
        self.slot_id = slot_id(tenant_id, ITEM.name)
        self.claims = Lined(services.store, tenant_id, count, random_bytes, DRAFTS).claims
        figures.races, figures.claimants, figures.most = (
            figures.races + 1,
            figures.claimants + count,
            max(figures.most, count),
        )

    def run(self) -> None:
        """Everybody at once; then the workers, then the seniors, then the workers again."""
        self._at_once([self._doing(claim, self.random_bytes.random()) for claim in self.claims])
        self._check("after the race")
        self._settled()
        self._check("after settling")
        self._decide()
        self.figures.held += len(self._check("at the end"))

    def _doing(self, claim: Claim, lot: float) -> Callable[[], None]:
        """What one claimant has come for: mostly to be approved, sometimes to go, or to be refused
        by the customer.
        """
        services, now = self.services, self.services.clock.now
        rita = Caller(sub=f"rita {claim.organisation_id}", roles=frozenset({"reviewer"}))
        pia = Caller(
            sub="pia", organisation_id=claim.organisation_id, roles=frozenset({"incentives_admin"})
        )

        def approve() -> None:
            if claim.status == "draft":
                self._again(lambda: decide(services, DecisionRequest(claim.id, submit, moment())))
                self._again(lambda: answer("agree"))
                self._again(lambda: reviewer.start(services, ask(rita), claim.id, _render_claim))
            command = reviewer.Approve(claim.id)
            self._again(lambda: reviewer.approve(services, ask(rita), command, _render_claim))

        def withdraw() -> None:
            command = partner.Withdraw(claim.id, "x")
            self._again(lambda: partner.withdraw(services, ask(pia), command, _render_claim))

        def refuse() -> None:
            self._again(lambda: answer("opt_out"))

        def moment() -> Conditions:
            return Conditions(now=now())

        def ask(caller: Caller) -> Request:
            return Request(caller=caller, now=now())

        def answer(decision: Any) -> None:
            given = customer_answers.GivenAnswer(_guest(claim), customer_answers.Answer(decision))
            customer_answers.answer_claim(services, claim.id, given, moment())

        def submit(claim: Claim, slot: Slot, ctx: StepContext) -> Outcome:
            contested = slot.is_contested_for(claim.organisation_id)
            return steps.submit(claim, pia.as_partner, ctx, contested)

        return approve if lot < APPROVED else withdraw if lot < WITHDRAWN else refuse

    def _settled(self) -> None:
        """Several workers look at the place, and again while more is left than one write can
        settle.
        """
        for _ in range(TRIES):
            self._at_once([self._settle] * 3)
            slot = self.services.store.slots.get(self.slot_id)
            if slot is None or slot.pending_settlement_since is None:
                return
        self.figures.faults.append("the place does not come to rest")

    def _settle(self) -> None:
        """A worker looks at the place."""
        self._again(
            lambda: settlement.settle(self.services, self.slot_id, self.services.clock.now())
        )

    def _look(self, claim_id: str) -> None:
        """A worker looks at a claim whose clock has struck; nobody's letters are sent in a race."""

        def look(claim: Claim, slot: Slot, ctx: StepContext) -> Outcome:
            return Outcome(claim=claim)

        def look_now() -> None:
            conditions = Conditions(now=self.services.clock.now())
            decide(self.services, DecisionRequest(claim_id, look, conditions, looks_up_item=True))

        self._again(look_now)

    def _decide(self) -> None:
        """If there is a case, two seniors confirm it at once; then several workers look at the
        parties' claims.
        """
        slot = self.services.store.slots.get(self.slot_id)
        case = self.services.store.arbitrations.get(slot.case_id) if slot and slot.case_id else None
        if case is None:
            return
        self.figures.cases += 1
        winner, now = (
            self.random_bytes.choice(case.active_parties).claim_ids[0],
            self.services.clock.now,
        )
        first, *others = (
            Caller(sub=name, roles=frozenset({"senior_reviewer"}))
            for name in ("sena", "sven", "tess")
        )
        self._hear_everyone(case)
        proposal = arbitration.ProposeDecision(case.id, winner, REASONS)
        confirmation = arbitration.ConfirmDecision(case.id, winner)
        arbitration.propose_decision(
            self.services, Request(caller=first, now=now()), proposal, _render_case
        )

        def confirm(by: Caller) -> Callable[[], None]:
            return lambda: self._again(
                lambda: arbitration.confirm_decision(
                    self.services, Request(caller=by, now=now()), confirmation, _render_case
                )
            )

        self._at_once([confirm(by) for by in others])
        self._check("after the decision")
        self._settled()
        self._check("after everybody has followed")
        parties = [one for party in case.active_parties for one in party.claim_ids]
        self._at_once([lambda one=one: self._look(one) for one in (winner, winner, *parties[:6])])  # type: ignore[misc]
        if any(c.status == "in_arbitration" for c in self.services.store.claims.get_many(parties)):
            self.figures.faults.append("a case is decided, and one of its claims does not know")
        ended = (
            c.association for c in self.services.store.claims.get_many(parties) if c.association
        )
        self.figures.superseded += sum(one.end_reason == "superseded" for one in ended)

    def _hear_everyone(self, case: Arbitration) -> None:
        """Every party makes its statement, so that the case can be decided at once."""
        statement = arbitration.GiveStatement(case.id, "We do the work.")
        for party in case.active_parties:
            by = Caller("pia", "Pia", party.organisation_id, frozenset({"incentives_admin"}))
            request = Request(caller=by, now=self.services.clock.now())
            arbitration.give_statement(self.services, request, statement, _render_case)

    def _again(self, act: Callable[[], Any]) -> None:
        """A lost race is tried again; anything else that is refused is an answer."""
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

    def _at_once(self, doings: list[Callable[[], None]]) -> None:
        """Everybody in a thread of their own, let go at the same moment."""
        gate = threading.Barrier(len(doings))

        def run(doing: Callable[[], None]) -> None:
            gate.wait()
            try:
                doing()
            except Exception as fault:  # noqa: BLE001 - a thread's fault is the race's
                self.figures.faults.append(repr(fault))

        threads = [threading.Thread(target=run, args=(doing,)) for doing in doings]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def _check(self, when: str) -> set[str]:
        """Who holds the item, by the claims and by the slot, which must agree."""
        now, slot = (
            self.services.store.claims.get_many([c.id for c in self.claims]),
            self.services.store.slots.get(self.slot_id),
        )
        contenders = slot.contenders if slot else ()
        holders = {c.organisation_id for c in now if c.standing == "holds"}
        official = {c.organisation_id for c in now if c.has_association_in_force}
        self.figures.two_holders += len(holders) > 1 or len(official) > 1
        if holders != {e.organisation_id for e in contenders if e.standing == "holds"}:
            self.figures.faults.append(f"{when}: the place does not say who holds the item")
        if {e.claim_id for e in contenders} != {c.id for c in now if c.standing}:
            self.figures.faults.append(f"{when}: the place does not list who is in it")
        return holders


class Lined:
    """Claimants on their marks: in the store as they would lie there a moment before."""

    def __init__(
        self,
        store: Store,
        tenant_id: str,
        count: int,
        random_bytes: random.Random,
        drafts: float = 0,
    ) -> None:
        self.tenant_id = tenant_id
        self.claims = [
            self._claim(number, random_bytes.random() < drafts) for number in range(count)
        ]
        if random_bytes.random() < INCUMBENT:
            self.claims[0] = _holding(self.claims[0])
        slot = Slot(tenant_id=tenant_id, item=ITEM, rev=1)
        for claim in self.claims:
            store.commit(Change(claims=(claim,)))
            slot = slot.with_contender(claim.to_contender(), claim.id)
        store.commit(Change(slots=(slot,)))

    def _claim(self, number: int, draft: bool) -> Claim:
        now = wiring.SystemClock().now()
        reached = (
            Address(mail_id=f"mai_{number}", qualifying=True, state="delivered", delivered_at=now),
        )
        return Claim(
            id=new_id(Kind.CLAIM, now, secrets.token_bytes, id_suffix(self.tenant_id, ITEM)),
            filing_id=f"fil_{number}",
            organisation_id=f"org_{number}",
            filed_by="pia",
            tenant_id=self.tenant_id,
            domain="fabrikam.example",
            item=ITEM,
            location_id="4516001",
            solution_area="business_applications",
            partner_role="usage_recognition",
            engagement="bizapps_usage_recognition",
            catalogue_edition="2024",
            status="draft" if draft else "under_review",
            answer=Answer() if draft else Answer(state="agreed", round=1, addresses=reached),
            created_at=now,
            updated_at=now,
            submitted_at=None if draft else now,
            rev=1,
            version=1,
        )


def _holding(claim: Claim) -> Claim:
    """The claim as the one whose association is official."""
    now = claim.created_at
    reached = (Address(mail_id="mai_0", qualifying=True, state="delivered", delivered_at=now),)
    return claim.evolve(
        status="approved",
        answer=Answer(state="not_objected", round=1, addresses=reached),
        submitted_at=now,
        decided_at=now,
        association=Association(state="active", since=now, active_since=now),
        snapshot=SubscriptionSnapshot(at=now, state="active"),
    )


def _guest(claim: Claim) -> Guest:
    """The customer behind a tenant link."""
    return Guest(
        MailRecord(
            id="mai_1",
            tenant_id=claim.tenant_id,
            kind="notice",
            claim_ids=(claim.id,),
            recipient="",
            source="directory",
            scope="tenant",
            language="de",
            template="",
            template_hash="",
            text_hash="",
            sent_at=claim.created_at,
        ),
        "",
    )


def _render_case(case: Any) -> StoredResponse:
    return StoredResponse(200, "{}")


def _render_claim(claim: Claim, slot: Slot, ctx: StepContext) -> StoredResponse:
    return StoredResponse(200, "{}")


def run(count: int, seed: int) -> Figures:
    """So many races in this process."""
    figures, random_bytes = Figures(), random.Random(seed)
    sys.setswitchinterval(0.001)  # threads take turns often
    with course() as on:
        for number in range(count):
            on.race(random_bytes, figures)
            if (number + 1) % 100 == 0:
                print(
                    f"{number + 1} of {count} (seed {seed}), two holders: {figures.two_holders}",
                    flush=True,
                )
    return figures


def merged(some: list[Figures]) -> Figures:
    """Figures of several processes as one."""
    whole = Figures(most=max(one.most for one in some))
    for name in Figures.__dataclass_fields__:
        if name != "most":
            setattr(
                whole, name, sum((getattr(one, name) for one in some), start=getattr(whole, name))
            )
    return whole
