"""How a lookup in the live directory fails."""

from chalicelib.domain.refusals import Unavailable
from chalicelib.net.service import Service

DIRECTORY = Service("live directory", "directory_unavailable")


class NotConsented(Exception):
    """The tenant does not let this application read it."""


def unavailable(reason: str) -> Unavailable:
    """Log the reason and return the refusal to raise. `reason`: without names and secrets."""
    return DIRECTORY.unavailable(reason)
