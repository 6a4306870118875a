"""What is counted in races."""

from collections.abc import Iterable
from dataclasses import dataclass, field, fields


@dataclass
class Figures:
    """Counts of races.

    most: the largest number of claimants in one race.
    lost: attempts that lost a race and were repeated.
    held: items that have a holder at the end.
    two_holders: times that an item had two holders; must be 0.
    faults: other violations, in words.
    """

    races: int = 0
    claimants: int = 0
    most: int = 0
    lost: int = 0
    cases: int = 0
    held: int = 0
    superseded: int = 0
    two_holders: int = 0
    faults: list[str] = field(default_factory=list)


def add_up(parts: Iterable[Figures]) -> Figures:
    """Add up the figures of several processes."""
    whole = Figures()
    for part in parts:
        for name in (one.name for one in fields(Figures)):
            ours, theirs = getattr(whole, name), getattr(part, name)
            setattr(whole, name, max(ours, theirs) if name == "most" else ours + theirs)
    return whole
