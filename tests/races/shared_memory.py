"""The database in memory for threads: ten thousand races make many millions of calls, and the
embedded engine takes milliseconds for each.

A call is atomic, every condition is judged at the moment of the write, and a transaction is made
whole or not at all.
"""

import random
import threading
import time
from collections.abc import Callable
from typing import Any

from tests.support.memory_dynamodb import MemoryDynamoDB

YIELDS = 0.3  # of all calls; if every one did, most of a race would be lost writes


class Shared:
    """The simulation's engine, one call at a time, as a botocore client."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.empty()

    def empty(self) -> None:
        """A fresh table: no race finds what another has left."""
        self._engine = MemoryDynamoDB()

    def __getattr__(self, operation: str) -> Callable[..., Any]:
        def call(**asked: Any) -> Any:
            if (
                random.random() < YIELDS
            ):  # others often go first: between a read and the write on it lies time for anybody
                time.sleep(0)
            with self._lock:
                return getattr(self._engine, operation)(**asked)

        return call
