"""Moments as responses write them."""

from datetime import datetime

from chalicelib.domain.base import rfc3339


def format_moment(value: datetime | None) -> str | None:
    """Write a moment as RFC 3339 in UTC, or None."""
    return rfc3339(value) if value else None
