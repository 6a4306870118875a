"""Chromium and the deployed service for the tests of the pages (`make browser`)."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.browser.chromium import NoChromium, launch
from tests.browser.demonstration import Demonstration
from tests.browser.people import People
from tests.browser.world import World, build_world
from tests.support.emulator import DeployedStage
from tests.support.over_http import over_http


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    try:
        with launch() as started:
            yield started
    except NoChromium as problem:
        pytest.exit(str(problem), returncode=1)


@pytest.fixture(scope="session")
def demonstration(browser: Browser, deployed_stage: DeployedStage) -> Demonstration:
    """The demonstration, run once, before anything else has moved the clock."""
    made = Demonstration(browser, deployed_stage.url)
    made.run()
    return made


@pytest.fixture(scope="session")
def world(demonstration: Demonstration, deployed_stage: DeployedStage) -> Iterator[World]:
    """Claims in every state that a page shows differently, next to that of the demonstration."""
    with over_http(deployed_stage) as service:
        yield build_world(service, demonstration)


@pytest.fixture(scope="session")
def people(browser: Browser, world: World, deployed_stage: DeployedStage) -> Iterator[People]:
    """Everybody whose pages are looked at, signed in once."""
    with People(browser, deployed_stage.url) as made:
        yield made
