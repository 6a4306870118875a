"""The sample application that the tests of the HTTP layer call."""

import pytest
from chalice.app import Chalice

from tests.support.app import SampleApp


@pytest.fixture
def sample() -> SampleApp:
    return SampleApp()


@pytest.fixture
def app(sample: SampleApp) -> Chalice:
    return sample.app()
