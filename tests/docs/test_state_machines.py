"""docs/state-machines.md shows exactly what is in the tables."""

import re

import pytest

from chalicelib.domain.state_machines import PREVIOUS_STATE
from tools.generate.diagrams import DIAGRAMS, PREVIOUS, TARGET, Diagram, insert_diagrams, render

EDGE = re.compile(r"^    (\w+) --> (\w+): (\w+) \((.+)\)$", re.MULTILINE)
COMPOSITE = re.compile(r'state ".+" as (\w+) \{\n((?: +\w+\n)+) +\}')


def test_the_document_is_drawn_from_the_tables():
    text = TARGET.read_text(encoding="utf-8")

    assert text == insert_diagrams(text), "run: python -m tools.generate.diagrams"


@pytest.mark.parametrize("diagram", DIAGRAMS, ids=lambda one: one.machine.name)
def test_the_edges_are_the_rows_when_every_composite_state_is_taken_apart(diagram: Diagram):
    drawn = render(diagram)
    members = {name: inside.split() for name, inside in COMPOSITE.findall(drawn)}

    edges = [
        (state, event, by, PREVIOUS_STATE if to == PREVIOUS else to)
        for source, to, event, by in EDGE.findall(drawn)
        for state in members.get(source, [source])
    ]

    assert sorted(edges) == sorted(map(tuple, diagram.machine.rows))


def test_a_composite_state_makes_three_edges_of_the_21_that_leave_every_open_claim():
    claim = DIAGRAMS[0]

    edges = EDGE.findall(render(claim))

    assert len(claim.machine.rows) - len(edges) == 21 - 3
