"""Records of mails that were sent: recipient, link, wording and delivery."""

from typing import Literal, Self

from pydantic import Field

from chalicelib.domain.base import Frozen, Instant

Source = Literal["claimant", "directory", "postmaster", "reviewer", "partner", "programme"]
EventType = Literal["delivery", "bounce", "complaint"]
# `send` proves that the service has accepted a mail.
ReportType = Literal["send", "delivery", "bounce", "complaint"]
# Sources of an address that the claimant did not choose (domain.md, "The customer's answer").
QUALIFYING: frozenset[str] = frozenset({"directory", "postmaster", "reviewer"})


class MailEvent(Frozen):
    """What the mail service reported about a mail.

    provider_id: the message the report is about, if it says so. Compared when the event arrives,
        and not stored.
    """

    type: ReportType
    at: Instant
    provider_id: str | None = Field(default=None, exclude=True)


class MailRecord(Frozen):
    """A mail that was sent. A mail with a link is also the record of that link.

    id: `mai_` + tenant key + hash of the link's token.
    kind: which notification it renders (`mail_layouts.PLANS`).
    claim_ids: the claims it is about.
    round: of a notice, the round of the customer's answer.
    source: where the address came from.
    scope: what its link may do. `claim`: this filing; `tenant`: everything of the tenant.
    template, template_hash: version and SHA-256 of layout and wording.
    text_hash: SHA-256 of the text that was sent.
    provider_id: the mail service's own id of the message.
    events: what the mail service reported since; `send` only confirms and is not kept.
    revoked: the link no longer works.
    unconfirmed_since: when it was handed over without a response, until the service reports it.
    confirms: id of the confirmation that its link gives; such a link can do nothing else.
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
    unconfirmed_since: Instant | None = None
    confirms: str | None = None

    def is_credible(self, event: MailEvent) -> bool:
        """Return whether an event can be about this mail.

        A delivery starts a clock, so it must name the message on record, if one is. A bounce or a
        complaint only closes something and is believed in any case.
        """
        if event.type != "delivery" or self.unconfirmed_since:
            return True
        return event.provider_id in (None, self.provider_id)

    def with_event(self, event: MailEvent) -> Self:
        """Return the record with an event, which proves that the service has accepted the mail."""
        confirmed = self
        if self.unconfirmed_since:
            confirmed = self.evolve(provider_id=event.provider_id, unconfirmed_since=None)
        if event.type == "send" or any(one.type == event.type for one in self.events):
            return confirmed
        return confirmed.evolve(events=(*self.events, event))

    @property
    def has_bounced(self) -> bool:
        """Whether the service reported, on sending or later, that the mail is not delivered."""
        return any(event.type == "bounce" for event in self.events)

    @property
    def is_struck_out(self) -> bool:
        """Whether its recipient was not reached, or complained."""
        return any(event.type in ("bounce", "complaint") for event in self.events)

    @property
    def is_qualifying(self) -> bool:
        """Whether the claimant did not choose this address."""
        return self.source in QUALIFYING
