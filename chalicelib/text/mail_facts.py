"""The facts that a mail may state."""

from datetime import date
from typing import Literal

from chalicelib.domain.base import Frozen, Instant


class NotificationItem(Frozen):
    """One item as a mail names it.

    name: the product's or workload's proper name.
    partner_role, edition: codes.
    """

    name: str
    partner_role: str
    edition: str = ""


class NotificationFacts(Frozen):
    """The facts that a mail can state.

    An empty value is not known. Names are cleaned when they are rendered.

    programme, partner, tenant: names.
    partner_country: its code (ISO 3166-1); partner_domains: those that the programme has verified.
    items: the items it is about.
    link: its own link; `scope` is what that link may do.
    vendor, privacy_url, imprint_url: who runs the programme.
    logo_url: of its logo as PNG; brand_colour: as #rrggbb, readable on white.
    reference, verify_url: how the recipient can check that the mail is genuine.
    zone: IANA name; `due_at`, `undo_until` and `until` are written in it.
    due_at: the deadline. Of a notice: the earliest end of the objection period unless
        `clock_started`.
    is_due_unknown: it cannot be calculated, because the customer's calendar has ended.
    undo_until: until when the act can be undone.
    until: another moment that the mail is about, such as the end of a cooling-off period.
    may_claim_again: whether the partner may claim the item now.
    obstacle: the code of why the customer accepts no new claims of the partner; '': it does.
    ends_on: the last day of a subscription.
    codes: reason codes, review codes, or codes of entry checks.
    message: a reviewer's words.
    grounds: the reasons of a case's decision, by criterion.
    answered_with: by what the customer answered: a link of that scope, or the vendor's portal.
    address: an address that the mail is about.
    clock: the kind of clock that is overdue.
    head: the first digits of the newest hash of the claim's history.
    name: of an API key or a webhook endpoint.
    """

    programme: str
    vendor: str = ""
    privacy_url: str = ""
    imprint_url: str = ""
    logo_url: str = ""
    brand_colour: str = ""
    partner: str = ""
    partner_country: str = ""
    partner_domains: tuple[str, ...] = ()
    tenant: str = ""
    items: tuple[NotificationItem, ...] = ()
    link: str = ""
    scope: Literal["", "claim", "tenant", "none"] = ""
    reference: str = ""
    verify_url: str = ""
    support_url: str = ""
    zone: str = "UTC"
    due_at: Instant | None = None
    is_due_unknown: bool = False
    clock_started: bool = False
    undo_until: Instant | None = None
    until: Instant | None = None
    may_claim_again: bool = True
    obstacle: str = ""
    ends_on: date | None = None
    codes: tuple[str, ...] = ()
    message: str = ""
    grounds: dict[str, str] = {}
    answered_with: Literal["", "claim", "tenant", "portal"] = ""
    address: str = ""
    clock: str = ""
    claim_id: str = ""
    external_reference: str = ""
    head: str = ""
    name: str = ""
