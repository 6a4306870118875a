"""Every row of the transition tables is taken by a step: for each row there is a claim in its
state, and a step out of it.
"""

from collections.abc import Callable

import pytest

from chalicelib.domain.claim import Claim, Outcome
from chalicelib.domain.state_machines import (
    ANSWER,
    ASSOCIATION,
    CLAIM,
    MACHINES,
    PREVIOUS_STATE,
    Row,
)
from chalicelib.domain.steps import (
    amendment,
    arbitration_decision,
    association,
    customer,
    deadlines,
    mail,
    partner,
    reviewer,
)
from tests.domain.claim_states import (
    ADMIN,
    CUSTOMER,
    NOW,
    PARTNER,
    REVIEWER,
    a_claim,
    a_decision,
    an_answer,
    run_out,
    step_context,
)
from tests.support.claims import RIVAL

LEAVES_FOR = "submitted"  # what a value says that it left, where a row leads back
Doing = Callable[[str], Outcome]
R = step_context()


def expect_overdue(kind: Callable[[str], str] | str, **value: str) -> Doing:
    """Run the step of a clock that has run out."""

    def doing(state: str) -> Outcome:
        name = kind if isinstance(kind, str) else kind(state)
        return deadlines.apply_due_clocks(_in(state, clocks=run_out(name), **value), R)

    return doing


def _in(state: str, answer: str = "open", **more: object) -> Claim:
    """Return a claim in a state of a machine, with an association when it is approved."""
    early = {"draft": "not_asked", "awaiting_provisioning": "not_asked"}
    return a_claim(
        state, early.get(state, answer), "pending" if state == "approved" else None, **more
    )


def _make_opted_out_claim(state: str, left: str = LEAVES_FOR) -> Claim:
    ended = {"ended_at": NOW, "end_reason": "customer_opted_out"}
    return a_claim(
        state,
        "opted_out",
        "ended" if state == "ended" else None,
        left=left,
        made=ended if state == "ended" else {},
        **a_decision("rejected", "customer_opted_out"),
    )


def _dispute(state: str) -> Outcome:
    ended = {"ended_at": NOW, "end_reason": "superseded"}
    closed = a_claim(
        state,
        "void",
        "ended" if state == "ended" else None,
        made=ended if state == "ended" else {},
        **a_decision(),
    )
    return partner.dispute(closed, PARTNER, R, "look again")


def _question(state: str) -> Outcome:
    return reviewer.request_info(
        _in(state), REVIEWER, R, ("poe_date_missing",), "When?", senior=False
    )


def _unreachable(state: str) -> Outcome:
    return deadlines.apply_due_clocks(
        a_claim(
            state,
            "undeliverable",
            "pending" if state == "approved" else None,
            clocks=run_out("undeliverable"),
        ),
        R,
    )


def _no(state: str) -> Outcome:
    return customer.opt_out(
        a_claim(state, "open", "pending" if state == "approved" else None), CUSTOMER, R
    )


CLAIMS: dict[str, Doing] = {
    "submit": lambda state: partner.submit(_in(state), PARTNER, R, contested=False),
    "hold": lambda state: partner.hold(_in(state), PARTNER, R, ("subscription_not_provisioned",)),
    "expire": expect_overdue(lambda state: "draft" if state == "draft" else "provisioning"),
    "withdraw": lambda state: partner.withdraw(_in(state), PARTNER, R, "not ours"),
    "provisioned": lambda state: partner.submit(_in(state), PARTNER, R, contested=False),
    "recheck_failed": lambda state: partner.return_to_draft(
        _in(state), R, ("subscription_is_csp",)
    ),
    "start": lambda state: reviewer.start_review(_in(state), REVIEWER),
    "ask": _question,
    "respond": lambda state: partner.respond(
        _in(state, questioned_in=LEAVES_FOR), PARTNER, R, "In May."
    ),
    "no_response": expect_overdue("partner_answer"),
    "approve": lambda state: reviewer.approve(_in(state), REVIEWER, R, contested=False),
    "contest": lambda state: reviewer.approve(_in(state), REVIEWER, R, contested=True),
    "reject": lambda state: reviewer.reject(_in(state), REVIEWER, R, ("insufficient_poe",)),
    "win": lambda state: arbitration_decision.approve_winner(_in(state), REVIEWER, R, heir=False),
    "lose": lambda state: arbitration_decision.reject_loser(_in(state), REVIEWER, R),
    "opt_out": _no,
    "unreachable": _unreachable,
    "undo": lambda state: customer.undo_answer(
        _make_opted_out_claim(state), CUSTOMER, R, competitors=()
    ),
    "undo_contested": lambda state: customer.undo_answer(
        _make_opted_out_claim(state, "approved"), CUSTOMER, R, competitors=(RIVAL,)
    ),
    "end": lambda state: association.end(
        a_claim(state, "agreed", "active"), PARTNER, R, "partner_ended"
    ),
    "dispute": _dispute,
}


def _undone(state: str, delivered: bool) -> Outcome:
    answer = an_answer(state) if delivered else an_answer(state, addresses=())
    status = "rejected" if state == "opted_out" else "submitted"
    return customer.undo_answer(
        a_claim(status, left=LEAVES_FOR, **a_decision()).evolve(answer=answer),
        CUSTOMER,
        R,
        competitors=(),
    )


ANSWERS: dict[str, Doing] = {
    "ask": lambda state: partner.submit(a_claim("draft", state), PARTNER, R, contested=False),
    "no_delivery": lambda state: deadlines.apply_due_clocks(
        a_claim(answer=state, clocks=run_out("notice_delivery")), R
    ),
    "delivered": lambda state: mail.record_delivery(a_claim(answer=state), ADMIN, NOW, R),
    "struck_out": lambda state: mail.strike_out_address(a_claim(answer=state), ADMIN, "bounce", R),
    "due": lambda state: deadlines.apply_due_clocks(
        a_claim(answer=state, clocks=run_out("customer_opt_out")), R
    ),
    "agree": lambda state: customer.agree(a_claim(answer=state), CUSTOMER, R),
    "agree_after_bounce": lambda state: customer.agree(
        a_claim("approved", state, "paused", made={"cause": "late_bounce"}), CUSTOMER, R
    ),
    "opt_out": lambda state: customer.opt_out(
        a_claim({"void": "disputed", "opted_out": "rejected"}.get(state, "submitted"), state),
        CUSTOMER,
        R,
    ),
    "undo": lambda state: _undone(state, delivered=True),
    "undo_after_rejection": lambda state: customer.undo_answer(
        a_claim("rejected", state, left="rejected", **a_decision()), CUSTOMER, R, competitors=()
    ),
    "undo_before_delivery": lambda state: _undone(state, delivered=False),
    "close": lambda state: partner.withdraw(a_claim(answer=state), PARTNER, R, "not ours"),
    "dispute_upheld": lambda state: reviewer.approve(
        a_claim("disputed", state), REVIEWER, R, contested=False
    ),
    "notice_changed": lambda state: amendment.amend(
        a_claim(answer=state), PARTNER, R, {"partner_role": "build_intent_advisor"}, "was wrong"
    ),
}


def _record_lookup(state: str, found: str, **made: str) -> Outcome:
    """Record that the daily look-up finds a state of the subscription."""
    return association.record_lookup(
        a_claim("approved", "agreed", state, made=made), step_context(state=found)
    )


ASSOCIATIONS: dict[str, Doing] = {
    "activate": lambda state: _record_lookup(state, "active"),
    "activate_in_grace": lambda state: _record_lookup(state, "in_grace"),
    "grace_started": lambda state: _record_lookup(state, "in_grace"),
    "grace_ended": lambda state: _record_lookup(state, "active"),
    "pause": lambda state: _record_lookup(state, "suspended"),
    "resume": lambda state: _record_lookup(state, "active", cause="suspended"),
    "resume_in_grace": lambda state: _record_lookup(state, "in_grace", cause="suspended"),
    "end": lambda state: association.end(
        a_claim("approved", "agreed", state), PARTNER, R, "partner_ended"
    ),
}
DOINGS = {CLAIM.name: CLAIMS, ANSWER.name: ANSWERS, ASSOCIATION.name: ASSOCIATIONS}
ROWS = [
    pytest.param(machine.name, row, id=f"{machine.name}: {row.state} {row.event}")
    for machine in MACHINES
    for row in machine.rows
]


def state_of(claim: Claim, machine: str) -> str:
    states = {CLAIM.name: claim.status, ANSWER.name: claim.answer.state}
    return states.get(machine) or (claim.association.state if claim.association else "none")


@pytest.mark.parametrize(("machine", "row"), ROWS)
def test_a_row_is_taken_by_a_step_and_written_with_it(machine: str, row: Row) -> None:
    outcome = DOINGS[machine][row.event](row.state)

    assert state_of(outcome.claim, machine) == (LEAVES_FOR if row.to == PREVIOUS_STATE else row.to)
    assert outcome.acts, "a transition without an entry in the history"


def test_every_row_of_the_tables_is_taken_by_a_step(monkeypatch: pytest.MonkeyPatch) -> None:
    taken: set[tuple[str, str, str]] = set()
    target = type(CLAIM).find_target

    def find_and_note(self, state, event):  # type: ignore[no-untyped-def]
        taken.add((self.name, state, event))
        return target(self, state, event)

    monkeypatch.setattr(type(CLAIM), "find_target", find_and_note)

    for machine in MACHINES:
        for row in machine.rows:
            DOINGS[machine.name][row.event](row.state)

    assert {(m.name, row.state, row.event) for m in MACHINES for row in m.rows} - taken == set()
