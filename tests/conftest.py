"""Fixtures that every test may request."""

pytest_plugins = ["tests.support.emulator"]
