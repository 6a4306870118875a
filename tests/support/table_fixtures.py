"""Fixtures: a client with an empty table, and its rows."""

from collections.abc import Iterator
from typing import Any

import pytest

from chalicelib.aws.rows import Rows
from tests.support.tables import fresh_table, rows_of


@pytest.fixture
def client() -> Iterator[Any]:
    with fresh_table() as client:
        yield client


@pytest.fixture
def rows(client: Any) -> Rows:
    return rows_of(client)
