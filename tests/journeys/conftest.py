"""Every journey runs on both engines: in this process, and deployed.

In this process the database is the one in memory: moto copies a table at every write. A file that
says `ON_MOTO` has moto's instead, so that a third engine judges what the product asks of a
database.
"""

from collections.abc import Iterator

import pytest

from chalicelib.aws.rows import Rows
from tests.support.emulator import Reached
from tests.support.memory_dynamodb import Engine
from tests.support.service import Service, deployed, on_moto


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
        with on_moto(None if getattr(request.module, "ON_MOTO", False) else Engine()) as made:
            yield made
    else:
        reached: Reached = request.getfixturevalue("ministack_url")
        with deployed(reached.url, Rows(reached.client("dynamodb"), reached.table_name)) as made:
            yield made
