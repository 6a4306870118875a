"""The one way in which a tool gives up: with a sentence on what happened and one on what to do."""

import sys
from collections.abc import Callable


class CannotGoOn(Exception):
    """Something outside the program is not as it must be.

    `what` happened (and where), and `then` what to do.
    """

    def __init__(self, what: str, then: str) -> None:
        super().__init__(f"{what}\n{then}")
        self.what = what
        self.then = then


def told(main: Callable[[], int]) -> int:
    """Runs `main`; prints a `CannotGoOn` as two sentences on stderr and answers 1 for it."""
    try:
        return main()
    except CannotGoOn as stop:
        print(f"\nStopped: {stop.what}\nTo do:   {stop.then}", file=sys.stderr, flush=True)
        return 1
