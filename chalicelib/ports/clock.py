"""The port for the current time."""

from datetime import datetime
from typing import Protocol


class Clock(Protocol):
    """Tells the time. A use case reads it once and passes the moment on."""

    def now(self) -> datetime:
        """Return the current moment in UTC, in whole milliseconds."""
        ...
