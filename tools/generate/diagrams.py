"""Draws the state machines of the README from their tables: `python -m tools.generate.diagrams` writes them
in.
"""

from pathlib import Path

from chalicelib.domain.arbitration import ARBITRATION
from chalicelib.domain.state_machines import MACHINES, render_diagram

README = Path(__file__).resolve().parents[2] / "README.md"
BEGIN, END = "<!-- pictures: begin -->\n", "<!-- pictures: end -->"
TITLES = {
    "claim": "The claim: partner and reviewers",
    "customer_answer": "The customer's answer",
    "association": "The association",
    "arbitration": "A case between rivals",
}


def pictures() -> str:
    """Every machine as a Mermaid picture under its title."""
    return "\n".join(
        f"**{TITLES[m.name]}**\n\n```mermaid\n{render_diagram(m)}\n```\n"
        for m in (*MACHINES, ARBITRATION)
    )


def drawn(text: str) -> str:
    """A text with the pictures between its marks."""
    before, _, rest = text.partition(BEGIN)
    return f"{before}{BEGIN}\n{pictures()}\n{END}{rest.partition(END)[2]}"


if __name__ == "__main__":
    README.write_text(drawn(README.read_text(encoding="utf-8")), encoding="utf-8")
