"""The database in memory for threads.

Ten thousand races make many millions of calls, and moto takes milliseconds for each. A call is
atomic, every condition is checked at the moment of the write, and a transaction is made whole or
not at all.
"""

import random
import threading
import time
from collections.abc import Callable
from typing import Any

from tests.support.memory_dynamodb import MemoryDynamoDB

YIELDS = 0.3  # the share of calls before which other threads get a turn; 1 would lose most writes


class Shared:
    """The simulation's engine, one call at a time, as a botocore client."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.empty()

    def empty(self) -> None:
        """Make the table empty, so that races do not affect each other."""
        self._engine = MemoryDynamoDB()

    def __getattr__(self, operation: str) -> Callable[..., Any]:
        def call(**request: Any) -> Any:
            if random.random() < YIELDS:
                time.sleep(0)
            with self._lock:
                return getattr(self._engine, operation)(**request)

        return call
