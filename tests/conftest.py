"""Fixtures that every test may request."""

import pytest

pytest_plugins = ["tests.support.emulator"]
LONGEST_ID = 24  # bytes; of a longer value the id of a test names the size only


def pytest_make_parametrize_id(config: pytest.Config, val: object, argname: str) -> str | None:
    """Name a file in the id of a test by its size, because its content fills pages."""
    if isinstance(val, bytes) and len(val) > LONGEST_ID:
        return f"{argname}-of-{len(val)}-bytes"
    return None
