"""The ports that send mails, and the sandbox's mailbox that keeps them instead."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True)
class Mail:
    """One mail to one recipient.

    Attributes:
        id: names the mail in its events; the same id always means the same mail.
        to: the recipient's address.
        subject: the subject line.
        text: the plain text part.
        html: the HTML part.
        kind: the kind of notification that the mail carries.
        language: the language of the mail (BCP 47).
        claim_ids: the claims that it is about.
        links: the links in it that the sandbox's mailbox shows.
    """

    id: str
    to: str
    subject: str
    text: str
    html: str
    kind: str
    language: str
    claim_ids: tuple[str, ...] = ()
    links: tuple[str, ...] = ()


class RecipientRefused(Exception):
    """The mail service does not deliver to this address: the mail has bounced."""


class MailPostponed(Exception):
    """The mail was not taken, for a reason that has nothing to do with its recipient."""


class OutcomeUnknown(Exception):
    """The mail service has not answered: it may have taken the mail."""


class MailSender(Protocol):
    """Sends mails."""

    def send(self, mail: Mail, now: datetime) -> str:
        """Hand a mail over and return the provider's id of it.

        After a crash the identical mail may be sent a second time. Raises RecipientRefused,
        MailPostponed, OutcomeUnknown.
        """
        ...


class BoxedMail(Protocol):
    """A mail that a sandbox keeps instead of sending it.

    Attributes:
        id: the id in the mailbox.
        mail_id: the id of the mail record.
        at: when it was sent.
        to: the recipient's address.
        kind: the kind of the notification.
        claim_ids: the claims that it is about.
        links: the addresses in its text.
        events: the events that were reported of it (`delivery`, `bounce`, `complaint`).
    """

    @property
    def id(self) -> str: ...
    @property
    def mail_id(self) -> str: ...
    @property
    def at(self) -> datetime: ...
    @property
    def to(self) -> str: ...
    @property
    def subject(self) -> str: ...
    @property
    def text(self) -> str: ...
    @property
    def html(self) -> str: ...
    @property
    def kind(self) -> str: ...
    @property
    def language(self) -> str: ...
    @property
    def claim_ids(self) -> tuple[str, ...]: ...
    @property
    def links(self) -> tuple[str, ...]: ...
    @property
    def events(self) -> tuple[str, ...]: ...


class Mailbox(MailSender, Protocol):
    """The mails of a sandbox, which keeps what it is given to send."""

    def get(self, box_id: str) -> BoxedMail | None:
        """Return a mail, or None when there is none with this id."""
        ...

    def list(self, limit: int = 200) -> Sequence[BoxedMail]:
        """Return the newest mails, newest first."""
        ...

    def count(self, most: int) -> int:
        """Return how many mails there are, at most so many."""
        ...

    def add_event(self, box_id: str, event: str) -> None:
        """Record that an event of a mail was reported."""
        ...
