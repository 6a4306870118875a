"""How the tools end when they cannot continue: with what went wrong and what to do about it."""

import sys
from collections.abc import Callable


class ToolError(Exception):
    """A condition outside the program that the user has to change.

    Attributes:
        problem: what happened, and where.
        advice: what to do about it.
    """

    def __init__(self, problem: str, advice: str) -> None:
        super().__init__(f"{problem}\n{advice}")
        self.problem = problem
        self.advice = advice


def run(main: Callable[[], int]) -> int:
    """Run `main` and return its exit code; print a `ToolError` on stderr and return 1."""
    try:
        return main()
    except ToolError as error:
        print(f"\nStopped: {error.problem}\nTo do:   {error.advice}", file=sys.stderr, flush=True)
        return 1
