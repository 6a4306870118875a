"""Every journey runs on both engines."""

from collections.abc import Iterator

import pytest

from chalicelib.aws.rows import Rows
from tests.engines.shared import Reached
from tests.journeys.service import Service, deployed, on_moto


@pytest.fixture(params=["moto", pytest.param("ministack", marks=[pytest.mark.deployed, pytest.mark.xdist_group("ministack")])])
def service(request: pytest.FixtureRequest) -> Iterator[Service]:
    """The service; the deployed one is shared by all tests, its clock only goes forward."""
    if request.param == "moto":
        with on_moto() as made:
            yield made
    else:
        reached: Reached = request.getfixturevalue("ministack_url")
        with deployed(reached.url, Rows(reached.client("dynamodb"), reached.table_name)) as made:
            yield made
