"""Deliveries: one event to one endpoint, with its attempts; and why a request got no answer."""

from datetime import timedelta
from typing import Literal, NamedTuple

from chalicelib.domain.base import Frozen, Instant

KEPT = timedelta(days=30)  # that deliveries are listed (integration.md, 3)
MAX_ANSWER = 200  # characters of an answer that are kept
MAX_SHOWN = 12  # attempts that are kept, the last ones
# Why no usable answer came (integration.md, 3). Each has a sentence in the locale files.
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
STATUS = "status_"  # how the reason of an answer that is no success begins


class Answer(NamedTuple):
    """What became of one request.

    status: None: there was no answer.
    reason: why it failed; None: it was taken.
    ms: how long it took.
    text: the beginning of the answer.
    retry_after: seconds that the receiver asks to wait.
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

    state: `retrying`, until it is taken or given up.
    """

    event_id: str
    claim_id: str
    type: str
    at: Instant
    state: Literal["delivered", "retrying", "failed"]
    attempts: tuple[Attempt, ...] = ()


def judge_status(status: int) -> str | None:
    """Return why a status is no success; None for a success."""
    if 200 <= status < 300:
        return None
    return "redirected" if 300 <= status < 400 else f"{STATUS}{status}"
