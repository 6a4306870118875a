"""A small memory of this process: bounded in size, and every entry for its own time."""

import time
from collections import OrderedDict
from collections.abc import Callable
from threading import RLock
from typing import Generic, TypeVar

V = TypeVar("V")


class Kept(Generic[V]):
    """Values by key.

    `most`: how many; the oldest make room. `tick`: seconds of a clock that never goes back.
    """

    def __init__(self, most: int, tick: Callable[[], float] = time.monotonic) -> None:
        self._most = most
        self._tick = tick
        self._values: OrderedDict[str, tuple[float, V]] = OrderedDict()
        self._lock = RLock()

    def recall(self, key: str, find: Callable[[], V], seconds: Callable[[V], float]) -> V:
        """The value kept, or else the one found now, which is then kept for as many seconds as it
        deserves.

        What `find` raises is not kept: the next one asks again.
        """
        entry = self._entry(key)
        if entry:
            return entry[1]
        value = find()
        self.keep(key, value, seconds(value))
        return value

    def get(self, key: str) -> V | None:
        entry = self._entry(key)
        return entry[1] if entry else None

    def keep(self, key: str, value: V, seconds: float) -> None:
        with self._lock:
            self._values[key] = (self._tick() + seconds, value)
            self._values.move_to_end(key)
            while len(self._values) > self._most:
                self._values.popitem(last=False)

    def forget(self, key: str) -> None:
        with self._lock:
            self._values.pop(key, None)

    def _entry(self, key: str) -> tuple[float, V] | None:
        with self._lock:
            entry = self._values.get(key)
        return entry if entry and self._tick() < entry[0] else None
