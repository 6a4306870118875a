"""Every move of a state machine has its own act, in any order of steps.

Claims walk at random through all steps. The rows of the three tables that no walk has taken are
listed as a failure, so that the test keeps covering them all.
"""

from collections.abc import Callable, Iterator
from datetime import timedelta
from random import Random

import pytest

from chalicelib.domain.claim import Claim, Outcome
from chalicelib.domain.customer_answer import Address, Answer
from chalicelib.domain.deadlines import StepContext
from chalicelib.domain.events import ACTS
from chalicelib.domain.history import Actor
from chalicelib.domain.item import SubscriptionSnapshot
from chalicelib.domain.refusals import Forbidden, Invalid, WrongState
from chalicelib.domain.state_machines import MACHINES, PREVIOUS_STATE
from chalicelib.domain.steps import (
    amendment,
    arbitration_decision,
    association,
    customer,
    mail,
    partner,
)
from chalicelib.domain.steps import reviewer as review
from chalicelib.domain.steps.deadlines import apply_due_clocks
from tests.support.claims import (
    CUSTOMER,
    NOW,
    RIVAL,
    a_claim,
    a_delivered_address,
    a_look,
    an_answer,
    an_association,
    at,
)

PARTNER = Actor(kind="partner", sub="anna")
CODES = ("insufficient_poe",)
ROLES = ("use_or_consume", "another_role")
WALKS, STEPS = 600, 150
# A held claim's customer has not been asked: the table allows what cannot happen.
IMPOSSIBLE = {("awaiting_provisioning", "opt_out"), ("awaiting_provisioning", "unreachable")}

Step = Callable[[Claim, StepContext, Random], Outcome]


def someone(random: Random) -> Actor:
    return Actor(kind="reviewer", sub=f"reviewer {random.randrange(50)}")


def first_mail(claim: Claim, random: Random) -> str:
    addresses = claim.answer.addresses
    return random.choice(addresses).mail_id if addresses else "mai_none"


def send(claim: Claim, ctx: StepContext, random: Random) -> Outcome:
    address = Address(mail_id=f"mai_{random.random()}", qualifying=random.random() < 0.8)
    return mail.record_sent(claim, (address,))


def wait(claim: Claim, ctx: StepContext, random: Random) -> Outcome:
    return apply_due_clocks(claim, ctx)


STEPS_OF_A_CLAIM: dict[str, Step] = {
    "submit": lambda c, ctx, r: partner.submit(c, PARTNER, ctx, contested=False),
    "hold": lambda c, ctx, r: partner.hold(c, PARTNER, ctx, ("subscription_not_provisioned",)),
    "return": lambda c, ctx, r: partner.return_to_draft(c, ctx, ("subscription_is_csp",)),
    "respond": lambda c, ctx, r: partner.respond(c, PARTNER, ctx, "In May."),
    "withdraw": lambda c, ctx, r: partner.withdraw(c, PARTNER, ctx, "not ours"),
    "dispute": lambda c, ctx, r: partner.dispute(c, PARTNER, ctx, "Look again."),
    "amend": lambda c, ctx, r: amendment.amend(
        c, PARTNER, ctx, {"partner_role": r.choice(ROLES)}, "it has changed"
    ),
    "agree": lambda c, ctx, r: customer.agree(c, CUSTOMER, ctx),
    "opt out": lambda c, ctx, r: customer.opt_out(c, CUSTOMER, ctx),
    "undo": lambda c, ctx, r: customer.undo_answer(
        c, CUSTOMER, ctx, competitors=(RIVAL,) if r.random() < 0.3 else ()
    ),
    "start": lambda c, ctx, r: review.start_review(c, someone(r)),
    "ask": lambda c, ctx, r: review.request_info(c, someone(r), ctx, CODES, "When?", senior=True),
    "approve": lambda c, ctx, r: review.approve(c, someone(r), ctx, contested=r.random() < 0.3),
    "reject": lambda c, ctx, r: review.reject(c, someone(r), ctx, CODES),
    "find an address": lambda c, ctx, r: review.record_found_address(
        c, someone(r), ctx, "it@fabrikam.example", "their site", is_verified=True
    ),
    "win": lambda c, ctx, r: arbitration_decision.approve_winner(
        c, someone(r), ctx, heir=r.random() < 0.5
    ),
    "lose": lambda c, ctx, r: arbitration_decision.reject_loser(c, someone(r), ctx),
    "look up": lambda c, ctx, r: association.record_lookup(c, ctx),
    "end": lambda c, ctx, r: association.end(c, PARTNER, ctx, "partner_ended"),
    "supersede": lambda c, ctx, r: association.end(c, PARTNER, ctx, "superseded"),
    "resume": lambda c, ctx, r: association.resume_by_reviewer(c, someone(r), "they called", ctx),
    "send": send,
    "deliver": lambda c, ctx, r: mail.record_delivery(c, first_mail(c, r), ctx.now, ctx),
    "bounce": lambda c, ctx, r: mail.strike_out_address(c, first_mail(c, r), "bounce", ctx),
    "wait": wait,
}


STARTS = (
    a_claim(status="draft", submitted_at=None, answer=Answer()),
    a_claim(status="under_review", answer=an_answer("open", a_delivered_address(), due_at=NOW)),
    *(
        a_claim(
            status="approved",
            answer=an_answer(answer, a_delivered_address(), due_at=NOW),
            association=an_association("active", active_since=NOW),
            snapshot=a_look(),
        )
        for answer in ("agreed", "not_objected")
    ),
)


def states(claim: Claim) -> dict[str, str]:
    return {
        "claim": claim.status,
        "customer_answer": claim.answer.state,
        "association": claim.association.state if claim.association else "none",
    }


def walk(seed: int) -> Iterator[tuple[str, Claim, Outcome]]:
    """Return the steps of one claim's life: what was done, the claim before, and the outcome."""
    random, now = Random(seed), NOW
    claim = STARTS[seed % len(STARTS)]
    if claim.status == "draft":
        created = partner.create(claim, PARTNER, at())
        yield "create", claim.evolve(status="none"), created
        claim = created.claim
    pace = random.choice((0.05, 0.3, 1))  # how often time passes between two acts
    habits = [random.random() ** 4 for _ in STEPS_OF_A_CLAIM]  # acts that are frequent in this life
    for _ in range(STEPS):
        if random.random() < pace:
            now += timedelta(hours=random.choice((1, 5, 30, 130, 260, 2200)))
        if now > NOW + timedelta(days=3 * 365):  # the calendars end some years later
            return
        found = random.choice(("active",) * 5 + ("in_grace", "suspended", "missing"))
        snapshot = random.choice((None, *[SubscriptionSnapshot(at=now, state=found)] * 4))
        name = random.choices(list(STEPS_OF_A_CLAIM), habits)[0]
        try:
            outcome = STEPS_OF_A_CLAIM[name](claim, at(now, snapshot=snapshot), random)
        except (WrongState, Forbidden, Invalid):
            continue
        yield name, claim, outcome
        # As a commit would: the outbox is sent, and the next references are new ones.
        claim = outcome.claim.evolve(outbox=(), seq=claim.seq + len(outcome.acts))


@pytest.fixture(scope="module")
def walks() -> list[tuple[str, Claim, Outcome]]:
    return [one for seed in range(WALKS) for one in walk(seed)]


def test_every_move_is_named_by_an_act_of_its_machine(walks):
    for name, before, outcome in walks:
        reached = states(before)
        for act in outcome.acts:
            assert set(act.moves) <= {ACTS[act.act].machine}, (name, act)
            for machine, (left, to) in act.moves.items():
                assert reached[machine] == left, (name, act)
                reached[machine] = to

        assert reached == states(outcome.claim), name


def test_the_walks_take_every_row_of_every_table(walks):
    taken = {
        (machine, move)
        for _, _, outcome in walks
        for act in outcome.acts
        for machine, move in act.moves.items()
    }
    missed = [
        (machine.name, row)
        for machine in MACHINES
        for row in machine.rows
        if row.to not in (row.state, PREVIOUS_STATE)
        and (row.state, row.event) not in IMPOSSIBLE
        and (machine.name, (row.state, row.to)) not in taken
    ]

    assert missed == []
