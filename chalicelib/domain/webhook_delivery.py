"""Deliveries: one event to one endpoint, with its attempts and the reasons of failures."""

from datetime import timedelta
from typing import Literal, NamedTuple

from chalicelib.domain.base import Frozen, Instant

KEPT = timedelta(days=30)  # how long deliveries are listed (integration.md, 3)
MAX_ANSWER = 200  # characters of a response body that are stored
MAX_SHOWN = 12  # attempts that are stored, the newest ones
# Reasons of failed requests (integration.md, 3). Each has a sentence in the locale files.
REASONS = (
    "address_refused",
    "answer_timeout",
    "connect_failed",
    "connect_timeout",
    "connection_lost",
    "name_not_found",
    "redirected",
    "tls_expired",
    "tls_failed",
    "tls_name",
    "url_refused",
)
STATUS = "status_"  # prefix of the reason of an unsuccessful status


class Answer(NamedTuple):
    """The result of one request.

    status: None: there was no answer.
    reason: why it failed; None: it was accepted.
    ms: how long it took.
    text: the beginning of the answer.
    retry_after: seconds to wait, from the receiver's `Retry-After`.
    """

    status: int | None = None
    reason: str | None = None
    ms: int = 0
    text: str = ""
    retry_after: float | None = None

    @property
    def is_taken(self) -> bool:
        return self.reason is None


class Attempt(Frozen):
    """One attempt, as it is shown."""

    at: Instant
    ms: int
    status: int | None = None
    reason: str | None = None
    answer: str = ""


class Delivery(Frozen):
    """An event that was posted to an endpoint.

    state: `retrying`, until it is accepted or given up.
    """

    event_id: str
    claim_id: str
    type: str
    at: Instant
    state: Literal["delivered", "retrying", "failed"]
    attempts: tuple[Attempt, ...] = ()


def judge_status(status: int) -> str | None:
    """Return the reason for a status that is no success; None for a success."""
    if 200 <= status < 300:
        return None
    return "redirected" if 300 <= status < 400 else f"{STATUS}{status}"
