"""What every test may ask for."""

from hypothesis import settings

pytest_plugins = ["tests.engines.shared"]

settings.register_profile("shared", deadline=None)  # a shared machine may stand still for a while: that is no finding
settings.load_profile("shared")
