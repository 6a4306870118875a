"""Draw the state machines of docs/state-machines.md from their tables.

    python -m tools.generate.diagrams

A group of states becomes a composite state, and an event that leads from every state of the group
to the same state outside is drawn once, from the group.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from chalicelib.domain.arbitration import ARBITRATION
from chalicelib.domain.state_machines import (
    ANSWER,
    ASSOCIATION,
    AWAITING_ANSWER,
    CLAIM,
    IN_FORCE,
    OPEN,
    PREVIOUS_STATE,
    Machine,
    Row,
)

TARGET = Path(__file__).resolve().parents[2] / "docs" / "state-machines.md"
BEGIN, END = "<!-- diagrams: begin -->\n", "<!-- diagrams: end -->"
PREVIOUS = "previous_state"


class Diagram(NamedTuple):
    """A machine under its title, and the states that are drawn as one composite state."""

    title: str
    machine: Machine
    group: str = ""
    label: str = ""
    members: tuple[str, ...] = ()


DIAGRAMS = (
    Diagram(
        "The claim: partner and reviewers", CLAIM, "open", "open or approved", (*OPEN, "approved")
    ),
    Diagram("The customer's answer", ANSWER, "awaiting", "awaiting the answer", AWAITING_ANSWER),
    Diagram("The association", ASSOCIATION, "in_force", "in force", IN_FORCE),
    Diagram("A case of arbitration between rivals", ARBITRATION),
)


def render(diagram: Diagram) -> str:
    """Render a machine as a Mermaid state diagram, its edges in the order of the table."""
    edges = dict.fromkeys(_edges(diagram))
    lines = ["stateDiagram-v2", f"    [*] --> {diagram.machine.start}", *_composite(diagram)]
    lines += [
        f"    {row.state} --> {PREVIOUS if row.to == PREVIOUS_STATE else row.to}: "
        f"{row.event} ({row.by})"
        for row in edges
    ]
    left = {row.state for row in diagram.machine.rows}
    lines += [f"    {state} --> [*]" for state in sorted(diagram.machine.states - left)]
    return "\n".join(lines)


def _edges(diagram: Diagram) -> Iterator[Row]:
    """Yield the rows of the table; those that all members of the group share, as the group's."""
    sources: dict[tuple[str, str, str], set[str]] = {}
    for row in diagram.machine.rows:
        if row.state in diagram.members and row.to not in diagram.members:
            sources.setdefault((row.event, row.by, row.to), set()).add(row.state)
    for row in diagram.machine.rows:
        shared = sources.get((row.event, row.by, row.to)) == set(diagram.members)
        in_group = shared and row.state in diagram.members
        yield row._replace(state=diagram.group) if in_group else row


def _composite(diagram: Diagram) -> list[str]:
    if not diagram.group:
        return []
    members = [f"        {state}" for state in diagram.members]
    return [f'    state "{diagram.label}" as {diagram.group} {{', *members, "    }"]


def insert_diagrams(text: str) -> str:
    """Replace what is between the marks of a text with the diagrams."""
    before, _, rest = text.partition(BEGIN)
    sections = [f"## {one.title}\n\n```mermaid\n{render(one)}\n```\n" for one in DIAGRAMS]
    return f"{before}{BEGIN}\n" + "\n".join(sections) + f"\n{END}{rest.partition(END)[2]}"


if __name__ == "__main__":
    TARGET.write_text(insert_diagrams(TARGET.read_text(encoding="utf-8")), encoding="utf-8")
