"""Fixtures of the pages; a module that needs others defines its own of the same name."""

import pytest

from tests.support.in_process import in_process
from tests.support.pages import sign_in


@pytest.fixture
def service():
    with in_process() as made:
        yield made


@pytest.fixture
def customer(service):
    return service.customer()


@pytest.fixture
def browser(service, customer):
    """Return a browser that an administrator of the first partner is signed in with."""
    return sign_in(service, customer.partner(1), "incentives_admin")
