"""The scheduler of the simulation: handlers in threads, of which exactly one runs at a time.

A task runs until its next call to the outside (`Scheduler.pause`) and then waits to be chosen
again. So every interleaving of calls can happen, and happens again from the same seed.
"""

import threading
from collections.abc import Callable
from queue import SimpleQueue
from typing import Any

# seconds that one stretch between two calls may really take; beyond it the simulation itself is
# broken
PATIENCE = 60


class ProcessStopped(BaseException):
    """The process ends here: nothing of it catches this."""


class Task:
    """One handler's run.

    `label` tells what it is, `result` what came of it; `stopped`: its process was ended.
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
        except BaseException as failure:  # noqa: BLE001 - carried to the one who steps
            self.failure = failure
        self.done = True
        self._scheduler.back.put(None)


class Scheduler:
    """Hands the turn over, and takes it back.

    `alone`: a task runs to its end at once, as there is nobody to meet.
    """

    def __init__(self) -> None:
        self.back: SimpleQueue[None] = SimpleQueue()
        self.running: Task | None = None
        self.alone = False

    def start(self, label: str, work: Callable[[], Any]) -> Task:
        """A task that waits for its first turn."""
        task = Task(self, label, work)
        threading.Thread(target=task.run, daemon=True).start()
        return task

    def step(self, task: Task) -> bool:
        """Lets a task run to its next call; whether it has ended. Raises what nobody in it has
        caught.
        """
        self.running = task
        task.go.put(None)
        self.back.get(timeout=PATIENCE)
        self.running = None
        if task.failure:
            raise task.failure
        return task.done

    def pause(self) -> None:
        """Called by a task before and after each of its calls: waits for the next turn. Raises
        ProcessStopped in a doomed one.
        """
        task = self.running
        if task is None or self.alone:
            return
        self.back.put(None)
        task.go.get()
        if task.doomed:
            raise ProcessStopped()

    def end(self, task: Task) -> None:
        """Stops a task where it stands."""
        task.doomed = True
        while not task.done:
            self.step(task)
