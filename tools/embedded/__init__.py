"""The whole service on this machine: packaged as for AWS, deployed to an emulator of it, reached at
one address.
"""

import fcntl
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

from tools.embedded import deployment, emulator, feed
from tools.embedded.deployment import Deployment
from tools.embedded.emulator import Emulator
from tools.embedded.front import HEALTH, SECONDS_FOR_THE_API, Front
from tools.errors import CannotGoOn
from tools.packaging.package import package


@dataclass(frozen=True)
class Running:
    """A service that is up.

    `url` is for people and partners, `aws_endpoint` for boto3 (keys `test`/`test`).
    """

    url: str
    aws_endpoint: str
    deployed: Deployment
    _emulator: Emulator
    _rest: ExitStack

    @property
    def table_name(self) -> str:
        return self.deployed.table_name

    @property
    def outputs(self) -> dict[str, str]:
        """The outputs of the stack: names and addresses of queues, functions and bucket."""
        return self.deployed.outputs

    @property
    def scratch(self) -> Path:
        """Where it unpacks its functions; gone after `stop`."""
        return self._emulator.scratch

    @property
    def emulator_pid(self) -> int:
        """The process of the emulator."""
        return self._emulator.process.pid

    def client(self, service: str) -> Any:
        """A boto3 client of the emulator."""
        return deployment.client(service, self.aws_endpoint)

    def emulator_ended(self) -> bool:
        """Whether the emulator is gone, by itself or because somebody ended it."""
        return self._emulator.process.poll() is not None

    def stop(self) -> None:
        """Ends everything that was started; a second call does nothing."""
        self._rest.close()


def start(
    port: int = 0, feed_folder: Path | None = feed.DEMONSTRATION, keep: Path | None = None
) -> Running:
    """Starts the service and answers when it is ready.

    Args:
        port: of the front; 0 takes a free one.
        feed_folder: what to import; None for nothing.
        keep: where to keep data between runs; None forgets them.

    Raises:
        CannotGoOn: anything that keeps it from starting, after ending what had been started.
    """
    with ExitStack() as started:
        front = _front(port, started)
        if keep:
            _claim(keep, started)
        made = package("local")
        scratch = Path(tempfile.mkdtemp(prefix="cpor-"))
        started.callback(shutil.rmtree, scratch, ignore_errors=True)
        engine = emulator.start(scratch, keep)
        started.callback(engine.stop)
        deployed = deployment.deploy(made, engine.endpoint, front.url)
        _see_that_it_answers(deployed, front, engine)
        front.open_to(engine.endpoint, deployed.api_path)
        if feed_folder:
            feed.load(feed_folder, deployed)
        front.ready = True
        return Running(front.url, engine.endpoint, deployed, engine, started.pop_all())
    raise AssertionError("an ExitStack swallowed an exception")


@contextmanager
def up(
    port: int = 0, feed: Path | None = feed.DEMONSTRATION, keep: Path | None = None
) -> Iterator[Running]:
    """`start` for a `with` block: stops at its end."""
    running = start(port, feed, keep)
    try:
        yield running
    finally:
        running.stop()


def _see_that_it_answers(deployed: Deployment, front: Front, engine: Emulator) -> None:
    """The first request, which also warms the API up.

    A function that cannot be imported says so here.
    """
    asked = Request(
        deployed.endpoint + deployed.api_path + HEALTH, headers={"Host": f"127.0.0.1:{front.port}"}
    )
    try:
        with urlopen(asked, timeout=SECONDS_FOR_THE_API):
            return
    except HTTPError as answer:
        said = answer.read(3000).decode(errors="replace") or engine.last_words()
        raise CannotGoOn(
            f"The deployed API answers {answer.code} at {HEALTH}: {said}",
            "It is the function itself that said this: mend what it names. A missing module belongs in the dependencies of pyproject.toml.",
        ) from answer
    except OSError as gone:
        raise CannotGoOn(
            f"The deployed API does not answer at {HEALTH}: {gone}.", "Start again."
        ) from gone


def _front(port: int, started: ExitStack) -> Front:
    try:
        front = Front(port)
    except OSError as taken:
        raise CannotGoOn(
            f"Port {port} of 127.0.0.1 cannot be used: {taken.strerror}.",
            "End what uses it, or choose another: `make run PORT=8001`.",
        ) from taken
    started.callback(front.close)
    return front


def _claim(keep: Path, started: ExitStack) -> None:
    try:
        keep.mkdir(parents=True, exist_ok=True)
        lock = started.enter_context((keep / "lock").open("w"))
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as other:
        raise CannotGoOn(
            f"Another run keeps its data in {keep}.",
            "End that one, or name another folder in KEEP.",
        ) from other
    except OSError as refused:
        raise CannotGoOn(
            f"Data cannot be kept in {keep}: {refused.strerror}.", "Name another folder in KEEP."
        ) from refused
