"""The customer's side: the records of mails that were sent, their links, and what the customer set
for the tenant.
"""

from typing import Literal

from pydantic import Field

from chalicelib.domain.base import Frozen, Instant
from chalicelib.domain.claim import Claim, Notification
from chalicelib.domain.directory import Tenant
from chalicelib.domain.slot import Slot

Source = Literal["claimant", "directory", "postmaster", "reviewer", "partner", "programme"]
QUALIFYING: frozenset[str] = frozenset({"directory", "postmaster", "reviewer"})


class MailEvent(Frozen):
    """What the mail service said of a mail: `delivery`, `bounce`, `complaint`. `provider_id`: of
    which message, if it said so; that is looked at when the event comes and not kept.
    """

    type: Literal["delivery", "bounce", "complaint"]
    at: Instant
    provider_id: str | None = Field(default=None, exclude=True)


class MailRecord(Frozen):
    """A mail that was sent: to whom, where the address came from, which text, and what became of
    it. `round`: of a notice, which time of asking it was.

    A mail with a link is also the link: its id holds the hash of the token, and `scope` says what
    the link may do (`claim`: this filing; `tenant`: everything of the tenant). `id`: `mai_` +
    tenant key + hash of the token.
    """

    id: str
    tenant_id: str
    kind: str
    claim_ids: tuple[str, ...]
    round: int = 0
    recipient: str
    source: Source
    scope: Literal["claim", "tenant", "none"]
    language: str
    template: str
    template_hash: str
    text_hash: str
    provider_id: str | None = None
    sent_at: Instant
    events: tuple[MailEvent, ...] = ()
    revoked: bool = False

    def is_credible(self, event: MailEvent) -> bool:
        """Whether an event can be about this mail. A delivery proves something, so it must be of
        the very message that was handed over; who says that a mail did not arrive is believed.
        """
        return event.type != "delivery" or event.provider_id in (None, self.provider_id)

    @property
    def is_qualifying(self) -> bool:
        """Whether the claimant did not choose this address."""
        return self.source in QUALIFYING


class TenantSettings(Frozen):
    """What the customer set for the whole tenant. `rev` counts writes; 0: nothing was ever set."""

    tenant_id: str = ""
    locked: bool = False
    blocked: tuple[str, ...] = ()
    outbox: tuple[Notification, ...] = ()
    outbox_retry: Instant | None = None
    rev: int = 0


class JournalRow(Frozen):
    """Who looked something up or read it, for the customer to see."""

    id: str
    at: Instant
    organisation_id: str
    what: str
    item: str = ""


class TenantFile(Frozen):
    """Everything of one tenant that a customer's page shows."""

    tenant: Tenant | None = None
    claims: tuple[Claim, ...] = ()
    slots: tuple[Slot, ...] = ()
    mails: tuple[MailRecord, ...] = ()
    tenant_settings: TenantSettings = TenantSettings()
