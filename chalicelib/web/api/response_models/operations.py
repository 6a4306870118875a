"""What operators and auditors see of the stage."""

from typing import Literal

from chalicelib.web.api.response_models.base import Date, Shape, Timestamp


class StageHealth(Shape):
    """How the stage does; what is counted is counted up to 100."""

    stage: str
    version: str
    build: str
    at: Timestamp
    directory: str
    malware_scan: str
    due: int
    oldest_due_at: Timestamp | None
    waiting: int
    overdue: int
    dead_letters: int | None


class ImportedFile(Shape):
    file: str
    written: int
    unchanged: int
    bad: int
    removed: int


class Import(Shape):
    at: Timestamp
    files: list[ImportedFile]
    reasons: list[str]


class Imports(Shape):
    data: list[Import]


class DeadLetter(Shape):
    id: str
    sent_at: Timestamp
    about: list[str]
    reason: str | None


class DeadLetterQueue(Shape):
    queue: Literal["work", "webhooks", "mail-events", "sweep"]
    count: int
    list_command: str
    retry_command: str
    letters: list[DeadLetter]


class DeadLetters(Shape):
    data: list[DeadLetterQueue]


class EditionSummary(Shape):
    edition: str
    valid_from: Date
    in_force: bool
    deadlines: dict[str, str]
    submitters: list[str]
    most_items: int
    partner_roles: list[str]
    products: list[str]
    workloads: list[str]


class Editions(Shape):
    data: list[EditionSummary]
