"""The whole service on this machine: packaged as for AWS and deployed to an emulator."""

import fcntl
import shutil
import tempfile
from collections.abc import Callable, Iterator
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
from tools.errors import ToolError
from tools.packaging.package import package

Report = Callable[[str], None]


@dataclass(frozen=True)
class Running:
    """A running service.

    Attributes:
        url: the address for people and partners.
        aws_endpoint: the address for boto3, with the keys `test` and `test`.
        deployed: the deployed stack.
    """

    url: str
    aws_endpoint: str
    deployed: Deployment
    _emulator: Emulator
    _cleanup: ExitStack

    @property
    def table_name(self) -> str:
        return self.deployed.table_name

    @property
    def outputs(self) -> dict[str, str]:
        """The outputs of the stack: names and addresses of queues, functions and bucket."""
        return self.deployed.outputs

    @property
    def scratch(self) -> Path:
        """The folder in which the emulator works; deleted by `stop`."""
        return self._emulator.scratch

    @property
    def emulator_pid(self) -> int:
        return self._emulator.process.pid

    def client(self, service: str) -> Any:
        """Return a boto3 client of the emulator."""
        return deployment.client(service, self.aws_endpoint)

    def emulator_ended(self) -> bool:
        """Return whether the process of the emulator has ended, for any reason."""
        return self._emulator.process.poll() is not None

    def stop(self) -> None:
        """Stop everything that was started; a second call does nothing."""
        self._cleanup.close()


def start(
    port: int = 0,
    feed_folder: Path | None = feed.DEMONSTRATION,
    keep: Path | None = None,
    report: Report = lambda step: None,
) -> Running:
    """Start the service and return when it is ready.

    Args:
        port: the port of the front; 0 takes a free one.
        feed_folder: the feed to import; None imports nothing.
        keep: where data is kept between runs; None keeps nothing.
        report: called with the name of each step before it begins.

    Raises:
        ToolError: it cannot start. What had been started is stopped.
    """
    with ExitStack() as started:
        front = _start_front(port, started)
        if keep:
            _lock(keep, started)
        report("Packaging the application")
        made = package("local")
        report("Starting the emulator of AWS")
        scratch = Path(tempfile.mkdtemp(prefix="cpor-"))
        started.callback(shutil.rmtree, scratch, ignore_errors=True)
        engine = emulator.start(scratch, keep)
        started.callback(engine.stop)
        report("Deploying the package to it")
        deployed = deployment.deploy(made, engine.endpoint, front.url)
        report("Sending the first request")
        _check_health(deployed, front, engine)
        front.open_to(engine.endpoint, deployed.api_path)
        if feed_folder:
            report(f"Importing the feed in {feed_folder}")
            feed.load(feed_folder, deployed)
        front.ready = True
        return Running(front.url, engine.endpoint, deployed, engine, started.pop_all())
    raise AssertionError("an ExitStack swallowed an exception")


@contextmanager
def running(
    port: int = 0,
    feed_folder: Path | None = feed.DEMONSTRATION,
    keep: Path | None = None,
    report: Report = lambda step: None,
) -> Iterator[Running]:
    """Start the service for a `with` block and stop it at the end."""
    service = start(port, feed_folder, keep, report)
    try:
        yield service
    finally:
        service.stop()


def _check_health(deployed: Deployment, front: Front, engine: Emulator) -> None:
    """Send the first request, which also shows whether the function can be imported."""
    request = Request(
        deployed.endpoint + deployed.api_path + HEALTH, headers={"Host": f"127.0.0.1:{front.port}"}
    )
    try:
        with urlopen(request, timeout=SECONDS_FOR_THE_API):
            return
    except HTTPError as error:
        text = error.read(3000).decode(errors="replace") or engine.log_end()
        raise ToolError(
            f"The deployed API answers {error.code} at {HEALTH}: {text}",
            "Correct what the function reports. A missing module belongs to the dependencies in "
            "pyproject.toml.",
        ) from error
    except OSError as error:
        raise ToolError(
            f"The deployed API does not answer at {HEALTH}: {error}.", "Start again."
        ) from error


def _start_front(port: int, started: ExitStack) -> Front:
    try:
        front = Front(port)
    except OSError as error:
        raise ToolError(
            f"Port {port} of 127.0.0.1 cannot be used: {error.strerror}.",
            "Stop what uses it, or choose another: `make run PORT=8001`.",
        ) from error
    started.callback(front.close)
    return front


def _lock(keep: Path, started: ExitStack) -> None:
    """Create the folder of the kept data and lock it until the end."""
    try:
        keep.mkdir(parents=True, exist_ok=True)
        lock = started.enter_context((keep / "lock").open("w"))
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        raise ToolError(
            f"Another run keeps its data in {keep}.", "Stop it, or name another folder in KEEP."
        ) from error
    except OSError as error:
        raise ToolError(
            f"Data cannot be kept in {keep}: {error.strerror}.", "Name another folder in KEEP."
        ) from error
