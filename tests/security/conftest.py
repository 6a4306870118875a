"""One set of fixtures for each module; a test that changes them asks for fresh ones."""

from collections.abc import Iterator

import pytest

from tests.support.fixtures import Fixtures, two_tenants


@pytest.fixture(scope="module")
def fixtures() -> Iterator[Fixtures]:
    with two_tenants() as made:
        yield made
