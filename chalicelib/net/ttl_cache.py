"""A cache in this process: bounded in size, with a time to live for each entry."""

import time
from collections import OrderedDict
from collections.abc import Callable
from threading import RLock
from typing import Generic, TypeVar

V = TypeVar("V")


class TTLCache(Generic[V]):
    """Values by key.

    `max_size`: how many entries; the oldest are evicted first. `tick`: a monotonic clock in
    seconds.
    """

    def __init__(self, max_size: int, tick: Callable[[], float] = time.monotonic) -> None:
        self._max_size = max_size
        self._tick = tick
        self._entries: OrderedDict[str, tuple[float, V]] = OrderedDict()
        self._lock = RLock()

    def get_or_load(self, key: str, load: Callable[[], V], ttl: Callable[[V], float]) -> V:
        """Return the cached value, or load it and cache it for `ttl(value)` seconds.

        An exception raised by `load` is not cached: the next call loads again.
        """
        entry = self._entry(key)
        if entry:
            return entry[1]
        value = load()
        self.set(key, value, ttl(value))
        return value

    def get(self, key: str) -> V | None:
        """Return the cached value, or None."""
        entry = self._entry(key)
        return entry[1] if entry else None

    def set(self, key: str, value: V, ttl: float) -> None:
        """Cache a value for `ttl` seconds."""
        with self._lock:
            self._entries[key] = (self._tick() + ttl, value)
            self._entries.move_to_end(key)
            while len(self._entries) > self._max_size:
                self._entries.popitem(last=False)

    def delete(self, key: str) -> None:
        """Remove an entry if it exists."""
        with self._lock:
            self._entries.pop(key, None)

    def _entry(self, key: str) -> tuple[float, V] | None:
        with self._lock:
            entry = self._entries.get(key)
        return entry if entry and self._tick() < entry[0] else None
