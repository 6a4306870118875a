"""The port for the current time."""

from datetime import datetime
from typing import Protocol


class Clock(Protocol):
    """The source of the current time. A use case reads it once and passes it on."""

    def now(self) -> datetime:
        """Return the current moment in UTC, in whole milliseconds."""
        ...


class ClockState(Protocol):
    """Where the clock of a sandbox is going.

    Attributes:
        target: the moment that it is going to, None when it has arrived.
        request: the request that moves it.
    """

    @property
    def target(self) -> datetime | None: ...
    @property
    def request(self) -> str | None: ...


class MovableClock(Clock, Protocol):
    """The clock of a sandbox. Its requests move it forward."""

    def read_state(self) -> ClockState:
        """Return where the clock is going."""
        ...

    def move(
        self, now: datetime, target: datetime | None = None, request: str | None = None
    ) -> None:
        """Set the clock to `now`, on its way to `target` for a request."""
        ...
