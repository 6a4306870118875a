"""One set of fixtures for each file of tests; whoever changes it says so by asking for fresh ones."""

from collections.abc import Iterator

import pytest

from tests.support.fixtures import Fixtures, two_tenants


@pytest.fixture(scope="module")
def fixtures() -> Iterator[Fixtures]:
    with two_tenants() as made:
        yield made
