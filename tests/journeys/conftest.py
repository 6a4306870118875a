"""Every journey runs on both engines: in this process, and deployed.

In this process the database is the one in memory: moto copies a table at every write. A file that
says `ON_MOTO` has moto's instead, so that a third engine judges what the product asks of a
database.
"""

from collections.abc import Iterator

import pytest

from chalicelib.aws.rows import Rows
from tests.support.emulator import DeployedStage
from tests.support.in_process import in_process
from tests.support.over_http import over_http
from tests.support.service import Service


@pytest.fixture(
    params=[
        "here",
        pytest.param(
            "ministack", marks=[pytest.mark.deployed, pytest.mark.xdist_group("ministack")]
        ),
    ]
)
def service(request: pytest.FixtureRequest) -> Iterator[Service]:
    """The service; the deployed one is shared by all tests, its clock only goes forward."""
    if request.param == "here":
        with in_process(moto=getattr(request.module, "ON_MOTO", False)) as made:
            yield made
    else:
        stage: DeployedStage = request.getfixturevalue("deployed_stage")
        with over_http(stage.url, Rows(stage.client("dynamodb"), stage.table_name)) as made:
            yield made
