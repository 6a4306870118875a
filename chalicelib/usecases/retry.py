"""Retry writes whose condition failed because of a concurrent write."""

from collections.abc import Callable
from typing import TypeVar

from chalicelib.domain.refusals import LostRace
from chalicelib.ports import Conflict

# Attempts before giving up; 64 rivals for one item still all get an answer (tests/races).
TRIES = 8
T = TypeVar("T")


def retry(attempt: Callable[[], T], tries: int = TRIES) -> T:
    """Call `attempt`, which reads, decides and commits, until its write meets no conflict.

    Raises LostRace after `tries` conflicts.
    """
    for _ in range(tries):
        try:
            return attempt()
        except Conflict:
            continue
    raise LostRace()
