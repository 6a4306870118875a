"""A partner API on this machine that files claims."""

from collections.abc import Iterator

import pytest

from tests.cli.claims import Book
from tests.support.partner_api import PartnerApi, serving


@pytest.fixture
def book() -> Book:
    return Book()


@pytest.fixture
def api(book: Book) -> Iterator[PartnerApi]:
    with serving(book) as made:
        yield made
