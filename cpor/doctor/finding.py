"""What the doctor finds: what is wrong, where, and what to do about it."""

from collections.abc import Callable, Iterator
from typing import NamedTuple

from cpor.stage import Stage


class Finding(NamedTuple):
    """`blind`: it could not be looked at, so that nobody knows whether something is wrong there."""

    where: str
    wrong: str
    do: str
    blind: bool = False


SubscriptionSnapshot = Callable[[Stage], Iterator[Finding]]

FUNCTIONS = ("APIHandler", "Worker", "MailEvents", "Sweep")
SOURCES = {
    "Worker": ("WorkQueue", "WorkDeadLetters"),
    "MailEvents": ("MailEventsQueue", "MailEventsDeadLetters"),
}


def deploy(stage: Stage) -> str:
    """What mends most of it."""
    return f"Deploy again: make deploy STAGE={stage.name} BUCKET=…"
