"""Threads that wait in virtual time: one runs at a time, and an hour of waiting takes no time."""

import heapq
import itertools
import threading
from collections.abc import Callable
from typing import Any


class VirtualTime:
    """A scheduler of threads. `seconds`: since the beginning."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self._waiting: list[tuple[float, int, threading.Semaphore]] = []
        self._numbers = itertools.count()
        self._back = threading.Semaphore(0)
        self._errors: list[BaseException] = []

    def spawn(self, call: Callable[[], Any], delay: float = 0.0) -> None:
        """Start a call in a thread of its own, after some seconds."""
        go = self._wait_for(delay)

        def run() -> None:
            go.acquire()
            try:
                call()
            except BaseException as error:  # noqa: BLE001  # raised again by `run`
                self._errors.append(error)
            finally:
                self._back.release()

        threading.Thread(target=run, daemon=True).start()

    def sleep(self, seconds: float) -> None:
        """Let some seconds pass for the calling thread."""
        go = self._wait_for(seconds)
        self._back.release()
        go.acquire()

    def run_parallel(self, *calls: Callable[[], Any]) -> tuple[Any, ...]:
        """Make calls at the same time; it takes as long as the slowest one."""
        results: dict[int, Any] = {}
        done = threading.Semaphore(0)
        go = threading.Semaphore(0)

        def make(number: int, call: Callable[[], Any]) -> None:
            results[number] = call()
            done.release()
            if len(results) == len(calls):
                heapq.heappush(self._waiting, (self.seconds, next(self._numbers), go))

        if len(calls) < 2:
            return tuple(call() for call in calls)
        for number, call in enumerate(calls):
            self.spawn(lambda number=number, call=call: make(number, call))  # type: ignore[misc]
        self._back.release()
        go.acquire()
        return tuple(results[number] for number in range(len(calls)))

    def run(self, until: float) -> None:
        """Run until nothing waits any more, or the time is over."""
        while self._waiting and self._waiting[0][0] <= until:
            self.seconds, _, go = heapq.heappop(self._waiting)
            go.release()
            self._back.acquire()
            if self._errors:
                raise self._errors[0]

    def _wait_for(self, seconds: float) -> threading.Semaphore:
        go = threading.Semaphore(0)
        heapq.heappush(self._waiting, (self.seconds + seconds, next(self._numbers), go))
        return go
