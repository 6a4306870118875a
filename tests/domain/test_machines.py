"""The tables as graphs: every state reaches an end, every deadline has a consequence, every row has
an actor.
"""

import pytest

from chalicelib.domain.deadlines import KINDS
from chalicelib.domain.refusals import WrongState
from chalicelib.domain.state_machines import (
    ANSWER,
    ASSOCIATION,
    CLAIM,
    MACHINES,
    OPEN,
    PREVIOUS_STATE,
    Machine,
)
from chalicelib.domain.steps.deadlines import _HANDLERS

RESTS = {
    "claim": {"withdrawn", "expired", "rejected", "ended"},
    "customer_answer": {"opted_out", "void", "agreed", "not_objected"},
    "association": {"ended"},
}


def find_reachable(machine: Machine, start: str) -> set[str]:
    """Return every state that can follow after one."""
    seen, ahead = set(), {start}
    while ahead:
        state = ahead.pop()
        seen.add(state)
        ahead |= {
            row.to for row in machine.rows if row.state == state and row.to != PREVIOUS_STATE
        } - seen
    return seen


@pytest.mark.parametrize("machine", MACHINES, ids=lambda m: m.name)
def test_every_state_can_be_reached_and_reaches_an_end(machine):
    from_start = find_reachable(machine, machine.start)

    assert machine.states == from_start
    for state in machine.states:
        assert find_reachable(machine, state) & RESTS[machine.name], state


@pytest.mark.parametrize("machine", MACHINES, ids=lambda m: m.name)
def test_an_event_leads_to_one_state_only(machine):
    pairs = [(row.state, row.event) for row in machine.rows]

    assert len(pairs) == len(set(pairs))


def test_what_the_table_does_not_allow_is_refused():
    with pytest.raises(WrongState):
        CLAIM.find_target("withdrawn", "submit")


def test_an_opt_out_is_possible_in_every_open_state_and_after_every_answer():
    assert all(CLAIM.allows(state, "opt_out") for state in (*OPEN, "approved"))
    assert all(ANSWER.allows(state, "opt_out") for state in ANSWER.states - {"not_asked"})


def test_every_association_that_has_not_ended_can_end():
    assert all(ASSOCIATION.allows(state, "end") for state in ASSOCIATION.states - {"ended"})


def test_time_only_moves_what_a_clock_moves():
    by_time = {row.event for machine in MACHINES for row in machine.rows if row.by == "time"}

    assert by_time <= {
        "expire",
        "provisioned",
        "recheck_failed",
        "no_response",
        "unreachable",
        "no_delivery",
        "due",
        "activate",
        "activate_in_grace",
        "grace_started",
        "grace_ended",
        "pause",
        "resume",
        "resume_in_grace",
    }


def test_every_clock_has_a_consequence():
    answered_by_use_cases = {
        "provisioning_recheck",
        "contact_lookup",
        "retention",
    }  # they need the entry checks, the directory, and the stores

    assert set(KINDS) - set(_HANDLERS) == answered_by_use_cases
