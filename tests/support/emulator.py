"""The deployed service for tests: one for the whole run, however many workers ask for it."""

import fcntl
import json
import os
from collections.abc import Iterator
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
    with shared(folder.parent if "PYTEST_XDIST_WORKER" in os.environ else folder) as reached:
        yield reached


@pytest.fixture(autouse=True)
def one_deployed_test_at_a_time(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[None]:
    """One test of the shared service at a time, whichever worker it runs on: it has one clock, and
    doctors break it.
    """
    if request.node.get_closest_marker("deployed") is None:
        yield
        return
    folder = tmp_path_factory.getbasetemp()
    with ((folder.parent if "PYTEST_XDIST_WORKER" in os.environ else folder) / "turn").open(
        "a"
    ) as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)
        yield


@contextmanager
def shared(folder: Path) -> Iterator[DeployedStage]:
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
