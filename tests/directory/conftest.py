"""A fake Microsoft cloud, and the live directory that reads it."""

from collections.abc import Iterator

import pytest

from chalicelib.directory.live import Live
from tests.support.fake_microsoft import (
    FakeCloud,
    FakeTimer,
    live_directory,
    serving,
)


@pytest.fixture
def cloud() -> Iterator[FakeCloud]:
    with serving(FakeCloud()) as cloud:
        yield cloud


@pytest.fixture
def timer() -> FakeTimer:
    return FakeTimer()


@pytest.fixture
def live(cloud: FakeCloud, timer: FakeTimer) -> Live:
    return live_directory(cloud, timer=timer)
