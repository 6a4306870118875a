"""Run every journey in this process and on the emulator.

In this process the database is the one in memory. The journeys of a module that says `ON_MOTO` run
on moto, too, so that a third implementation judges what the product asks of a database. Those of a
module that says `IN_PROCESS_ONLY` do not run on the emulator, and of the modules in
`on_emulator.py` the others run there with EVERY_JOURNEY=1 only.
"""

import os
from collections.abc import Iterator

import pytest

from tests.journeys.on_emulator import ON_EMULATOR
from tests.support.emulator import DeployedStage
from tests.support.in_process import in_process
from tests.support.over_http import over_http
from tests.support.service import Service

MOTO = pytest.param("moto", marks=pytest.mark.slow)
MINISTACK = pytest.param(
    "ministack", marks=[pytest.mark.deployed, pytest.mark.xdist_group("ministack")]
)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Choose what `service` runs on by what the module says."""
    if "service" in metafunc.fixturenames:
        moto = [MOTO] if getattr(metafunc.module, "ON_MOTO", False) else []
        deployed = [MINISTACK] if _runs_on_emulator(metafunc) else []
        metafunc.parametrize("service", ["memory", *moto, *deployed], indirect=True)


def _runs_on_emulator(metafunc: pytest.Metafunc) -> bool:
    module = metafunc.module.__name__.rpartition(".")[2]
    if getattr(metafunc.module, "IN_PROCESS_ONLY", False):
        return False
    if module not in ON_EMULATOR or os.environ.get("EVERY_JOURNEY"):
        return True
    unknown = [name for name in ON_EMULATOR[module] if not hasattr(metafunc.module, name)]
    assert not unknown, f"{module} has no {unknown}"
    return metafunc.function.__name__ in ON_EMULATOR[module]


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
