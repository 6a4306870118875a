"""A webhook receiver of the sandbox, and the messages that it received."""

from datetime import timedelta
from typing import Literal

from chalicelib.domain.base import Frozen, Instant

KEPT = timedelta(days=7)  # chosen: how long (real time) a hook is kept
MAX_SHOWN = 100  # messages, the newest
MAX_BODY = 20_000  # characters of a message that are kept; an event has 4 KB at most
Respond = Literal["200", "410", "429", "500", "503", "slow"]


class HookMessage(Frozen):
    """A message that a hook received.

    headers: those that a signature needs, by their lower-case names.
    """

    at: Instant
    headers: dict[str, str]
    body: str


class SandboxHook(Frozen):
    """A receiver. respond: the status that it answers, or `slow`."""

    id: str
    respond: Respond = "200"
    created_at: Instant
