"""One scene for each file of tests; whoever changes it says so by asking for a fresh one."""

from collections.abc import Iterator

import pytest

from tests.support.fixtures import Scene, a_scene


@pytest.fixture(scope="module")
def scene() -> Iterator[Scene]:
    with a_scene() as made:
        yield made
