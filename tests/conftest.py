"""Fixtures that every test may request."""

import gc
import os
import tempfile

import pytest
from hypothesis import HealthCheck, settings

pytest_plugins = [
    "tests.support.emulator",
    "tests.support.observed_service",
    "tests.support.table_fixtures",
]
# What tests serve in their own process is a stage with a test clock.
os.environ["STAGE"] = "local"
# The command line must not find a service that runs on this machine for someone else.
os.environ["XDG_STATE_HOME"] = os.path.join(tempfile.gettempdir(), "no-state-of-tests")
# Generated inputs are the same in every run, so a change is not refused for an old defect that
# chance finds; `make fuzz` searches with new ones.
# None of them is timed, because a busy machine is not a defect.
untimed = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("repeatable", untimed, derandomize=True)
settings.register_profile("random", untimed, print_blob=True)
settings.load_profile("repeatable")
# Objects made before Python looks for cycles: with its own 700, journeys take up to a tenth longer.
OBJECTS_BETWEEN_COLLECTIONS = 50_000
LONGEST_ID = 24  # bytes; of a longer value the id of a test names the size only


def pytest_make_parametrize_id(config: pytest.Config, val: object, argname: str) -> str | None:
    """Name a file in the id of a test by its size, because its content fills pages."""
    if isinstance(val, bytes) and len(val) > LONGEST_ID:
        return f"{argname}-of-{len(val)}-bytes"
    return None


def pytest_collection_finish(session: pytest.Session) -> None:
    """Look for cycles more rarely, and not among what was imported and collected."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(OBJECTS_BETWEEN_COLLECTIONS)
