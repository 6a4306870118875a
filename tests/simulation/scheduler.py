"""Handlers in threads, of which exactly one runs at a time.

A task runs until its next call to the outside (`Scheduler.pause`) and then waits until it is chosen
again. So every interleaving of calls can happen, and the same seed repeats it.
"""

import threading
from collections.abc import Callable
from queue import SimpleQueue
from typing import Any

# Seconds of real time between two calls of a task, after which the simulation itself is broken:
# more than a busy machine keeps a thread waiting.
PATIENCE = 600


class ProcessStopped(BaseException):
    """Ends a task. Not an `Exception`, so that no handler catches it."""


class Task:
    """One run of a handler.

    label: what it does.

    result: what it returned.

    stopped: whether its process was ended.
    """

    def __init__(self, scheduler: "Scheduler", label: str, work: Callable[[], Any]) -> None:
        self.label, self.result, self.stopped, self.done = label, None, False, False
        self.failure: BaseException | None = None
        self.doomed = False
        self.go: SimpleQueue[None] = SimpleQueue()
        self._scheduler, self._work = scheduler, work

    def run(self) -> None:
        self.go.get()
        try:
            self.result = self._work()
        except ProcessStopped:
            self.stopped = True
        except BaseException as failure:  # noqa: BLE001 - raised again in `Scheduler.step`
            self.failure = failure
        self.done = True
        self._scheduler.back.put(None)


class Scheduler:
    """Lets one task run at a time. `alone`: a task runs to its end at once."""

    def __init__(self) -> None:
        self.back: SimpleQueue[None] = SimpleQueue()
        self.running: Task | None = None
        self.alone = False

    def start(self, label: str, work: Callable[[], Any]) -> Task:
        """Return a task that waits for its first turn."""
        task = Task(self, label, work)
        threading.Thread(target=task.run, daemon=True).start()
        return task

    def step(self, task: Task) -> bool:
        """Let a task run to its next call, and tell whether it has ended.

        Raises what its handler raised.
        """
        self.running = task
        task.go.put(None)
        self.back.get(timeout=PATIENCE)
        self.running = None
        if task.failure:
            raise task.failure
        return task.done

    def pause(self) -> None:
        """Wait for the task's next turn: called before and after each call.

        Raises ProcessStopped in a stopped task.
        """
        task = self.running
        if task is None or self.alone:
            return
        self.back.put(None)
        task.go.get()
        if task.doomed:
            raise ProcessStopped()

    def end(self, task: Task) -> None:
        """Stop a task where it is."""
        task.doomed = True
        while not task.done:
            self.step(task)
