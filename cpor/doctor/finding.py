"""A finding of the doctor: the fault, its place, and the remedy."""

from collections.abc import Callable, Iterator
from typing import NamedTuple

from cpor.stage import Stage


class Finding(NamedTuple):
    """A fault.

    blind: the part could not be checked, so it is not known whether it is wrong.
    note: worth knowing, and no fault.
    """

    where: str
    wrong: str
    do: str
    blind: bool = False
    note: bool = False


Check = Callable[[Stage], Iterator[Finding]]

FUNCTIONS = ("APIHandler", "Worker", "MailEvents", "Webhooks", "Sweep")
SOURCES = {
    "Worker": ("WorkQueue", "WorkDeadLetters"),
    "MailEvents": ("MailEventsQueue", "MailEventsDeadLetters"),
    "Webhooks": ("WebhooksQueue", "WebhooksDeadLetters"),
}


def deploy(stage: Stage, setting: str = "") -> str:
    """Return the advice to deploy, which fixes most faults; `setting`: with this parameter."""
    if setting:
        return f"make deploy STAGE={stage.name} BUCKET=… SET={setting}"
    return f"Deploy again: make deploy STAGE={stage.name} BUCKET=…"
