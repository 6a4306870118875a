"""Fixtures: a service in this process over a database whose calls can be observed."""

import pytest

from tests.support.in_process import in_process
from tests.support.observed_dynamodb import ObservedDynamoDB


@pytest.fixture
def database():
    return ObservedDynamoDB()


@pytest.fixture
def observed_service(database):
    with in_process(database) as made:
        yield made
