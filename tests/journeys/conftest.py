"""Run every journey in this process and on the emulator.

In this process the database is the one in memory. The journeys of a module that says `ON_MOTO` run
on moto, too, so that a third implementation judges what the product asks of a database. Those of a
module that says `IN_PROCESS_ONLY` do not run on the emulator.
"""

from collections.abc import Iterator

import pytest

from tests.support.emulator import DeployedStage
from tests.support.in_process import in_process
from tests.support.over_http import over_http
from tests.support.service import Service

MOTO = pytest.param("moto", marks=pytest.mark.slow)
MINISTACK = pytest.param(
    "ministack", marks=[pytest.mark.deployed, pytest.mark.xdist_group("ministack")]
)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Choose what `service` runs on by `ON_MOTO` or `IN_PROCESS_ONLY` of the module."""
    if "service" in metafunc.fixturenames:
        moto = [MOTO] if getattr(metafunc.module, "ON_MOTO", False) else []
        deployed = [] if getattr(metafunc.module, "IN_PROCESS_ONLY", False) else [MINISTACK]
        metafunc.parametrize("service", ["memory", *moto, *deployed], indirect=True)


@pytest.fixture
def local_service() -> Iterator[Service]:
    """Return a service in this process, for tests that replace a part of it or need a certain
    day.
    """
    with in_process() as made:
        yield made


@pytest.fixture
def service(request: pytest.FixtureRequest) -> Iterator[Service]:
    """The service; the deployed one is shared by all tests, its clock only goes forward."""
    if request.param == "ministack":
        stage: DeployedStage = request.getfixturevalue("deployed_stage")
        with over_http(stage) as made:
            yield made
    else:
        with in_process(moto=request.param == "moto") as made:
            yield made
