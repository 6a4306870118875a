"""The deployed service for tests: one for the whole run, however many workers ask for it."""

import fcntl
import json
import os
import tempfile
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from tools import embedded
from tools.embedded import deployment


class DeployedStage(NamedTuple):
    """Where the deployed service and the emulator under it are reached."""

    url: str
    aws_endpoint: str
    table_name: str
    outputs: dict[str, str]

    def client(self, service: str) -> Any:
        """A boto3 client of the emulator, as its root."""
        return deployment.client(service, self.aws_endpoint)


@pytest.fixture(scope="session")
def deployed_stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DeployedStage]:
    """The packaged application, deployed with the demonstration feed.

    Shared: a test brings its own tenants.
    """
    folder = tmp_path_factory.getbasetemp()
    with share_stage(folder.parent if "PYTEST_XDIST_WORKER" in os.environ else folder) as reached:
        yield reached


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """Run one test of the shared service at a time, with all its fixtures, whichever worker it is
    in: the service has one clock, and some tests break parts of it.
    """
    run = getattr(item.config, "workerinput", {}).get("testrunuid")  # of pytest-xdist
    if run is None or item.get_closest_marker("deployed") is None:
        return (yield)
    with (Path(tempfile.gettempdir()) / f"cpor-turn-{run}").open("a") as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)
        return (yield)


@contextmanager
def share_stage(folder: Path) -> Iterator[DeployedStage]:
    """Starts the service unless another process has; who started it waits for the others before
    stopping it.
    """
    described, started = folder / "service.json", None
    with (folder / "using").open("a") as using:
        with _alone(folder):
            if not described.exists():
                started = embedded.start()
                described.write_text(
                    json.dumps(
                        (started.url, started.aws_endpoint, started.table_name, started.outputs)
                    )
                )
            fcntl.flock(using, fcntl.LOCK_SH)
        try:
            yield DeployedStage(*json.loads(described.read_text()))
        finally:
            fcntl.flock(using, fcntl.LOCK_UN)
            if started:
                with _alone(folder):
                    fcntl.flock(using, fcntl.LOCK_EX)
                    described.unlink()
                    started.stop()


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    with (folder / "starting").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
