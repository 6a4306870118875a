"""pytest-xdist keeps the tests of a group in one worker."""

import pytest


@pytest.mark.xdist_group("one-worker")
def test_a_group_stays_in_one_worker(request: pytest.FixtureRequest) -> None:
    """pytest-xdist groups by the end of a test's id, which it appends itself: an id without it is
    a test that shares fixtures such as a deployed stack with another worker.
    """
    if not request.config.getoption("loadgroup", False):
        pytest.skip("the tests are not distributed by group (`--dist loadgroup`)")

    assert request.node.nodeid.endswith("@one-worker")
