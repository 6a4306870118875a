"""A store whose process is stopped before, or right after, some of its commits."""

import random
from typing import Any

from chalicelib.ports import Change


class Stopped(Exception):
    """The process ends here."""


class StoppingStore:
    """`ports.Store` that stops its process at this rate. `stops`: how often it has."""

    def __init__(self, store: Any, rng: random.Random, rate: float) -> None:
        self._store, self._rng, self._rate = store, rng, rate
        self.stops = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    def commit(self, change: Change) -> None:
        self._maybe_stop()
        self._store.commit(change)
        self._maybe_stop()

    def _maybe_stop(self) -> None:
        if self._rng.random() < self._rate:
            self.stops += 1
            raise Stopped
