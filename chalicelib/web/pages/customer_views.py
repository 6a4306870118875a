"""What the pages for customers show: plain values, whose texts are cleaned as they enter."""

from typing import Annotated, Any, Literal, NamedTuple

from pydantic import AfterValidator

from chalicelib.domain.base import Frozen, Instant
from chalicelib.domain.state_machines import AWAITING_ANSWER
from chalicelib.text.cleaning import clean_line

Name = Annotated[str, AfterValidator(clean_line)]
Choice = Literal["opt_out", "agree", "undo"]
REASONS = ("not_our_partner", "not_this_item", "other_partner", "no_data_sharing", "other")
# The states in which doing nothing means something.
WAITING = frozenset({"unlock", "allow_again"})  # always confirmed by mail
ASKING = frozenset({"asked", "open", "not_objected"})


# The class of each state: its colour and shape (docs/pages.md). What it says stands beside it.
KINDS = {
    "asked": "info",
    "open": "wait",
    "agreed": "good",
    "not_objected": "info",
    "active": "good",
    "paused": "wait",
    "opted_out": "bad",
    "rejected": "bad",
    "disputed": "duel",
}


class ClaimView(Frozen):
    """One claim as the customer sees it.

    Attributes:
        partner_country: its code (ISO 3166-1).
        partner_domains: the domains that the programme has verified.
        status, answer, association: the codes of the three state machines.
        started_at: when the objection period began.
        earliest: the earliest end of an objection period that has not begun.
        zone: the customer's time zone (IANA).
        calendar: as clocks name it, `DE` or `DE-BY`.
        weekend: the days of the week that are no business days, 0 for Monday.
        may: what can be answered now.
        endorsed: whether the named contact said that they agree, which decides nothing.
    """

    claim_id: str
    organisation_id: str
    partner: Name
    partner_country: str = ""
    partner_domains: tuple[Name, ...] = ()
    item: Name
    partner_role: str
    edition: str = ""
    status: str
    answer: str
    association: str | None = None
    asked_at: Instant | None = None
    due_at: Instant | None = None
    started_at: Instant | None = None
    earliest: Instant | None = None
    undo_until: Instant | None = None
    zone: str = "UTC"
    calendar: str = ""
    weekend: frozenset[int] = frozenset({5, 6})
    may: tuple[Choice, ...] = ()
    endorsed: bool = False

    @property
    def state(self) -> str:
        """The state in the customer's words: a key of `page.state`."""
        if self.answer == "opted_out":
            return "opted_out"
        if self.status in ("withdrawn", "expired", "rejected"):
            return self.status
        if self.status == "ended":
            return "ended"
        if self.association in ("active", "grace"):
            return "active"
        if self.association == "paused" and self.answer not in AWAITING_ANSWER:
            return "paused"
        if self.answer == "void":  # asked only after the partner's dispute
            return "disputed"
        return self.answer if self.answer in ("agreed", "not_objected", "open") else "asked"


class ClaimGroup(NamedTuple):
    """Claims of one partner that stand alike: the page says once what they have in common."""

    claims: tuple[ClaimView, ...]

    @property
    def first(self) -> ClaimView:
        return self.claims[0]

    @property
    def kind(self) -> str:
        return KINDS.get(self.first.state, "")

    @property
    def has_one_role(self) -> bool:
        return len({claim.partner_role for claim in self.claims}) == 1


class CoolingView(Frozen):
    """Until when a partner may not claim an item again."""

    item: Name
    until: Instant


class PartnerView(Frozen):
    """A partner that the customer may block or allow again."""

    organisation_id: str
    name: Name
    blocked: bool = False
    cooling: tuple[CoolingView, ...] = ()


class CustomerView(Frozen):
    """The page behind a link.

    Attributes:
        form: the form token.
        partners, locked: for a tenant link only.
        problem: the code of a refusal.
        done: what was just done, if it still stands: a choice, `lock`, `unlock`, `block` or
            `allow_again`; with `_sent` if it waits for its confirmation.
        done_partner: the partner that it was about.
        done_items: what it was about: names of items with their partner, or a partner.
        is_later: it is not the first page of its link.
        older: where the next page begins, if there is one.
    """

    tenant: Name
    scope: Literal["claim", "tenant"]
    form: str
    claims: tuple[ClaimView, ...] = ()
    partners: tuple[PartnerView, ...] = ()
    locked: bool = False
    zone: str = "UTC"
    problem: str = ""
    done: str = ""
    done_partner: Name = ""
    done_items: tuple[Name, ...] = ()
    is_later: bool = False
    older: str = ""

    @property
    def partner(self) -> str:
        """The one partner that all claims are by; '' when there are several or none."""
        names = {claim.partner for claim in self.claims}
        return names.pop() if len({claim.organisation_id for claim in self.claims}) == 1 else ""

    @property
    def groups(self) -> tuple[ClaimGroup, ...]:
        """The claims, those together that one partner asks for and that stand alike."""
        alike: dict[Any, list[ClaimView]] = {}
        for claim in self.claims:
            same = (claim.organisation_id, claim.state, claim.due_at, claim.earliest, claim.may)
            more = (claim.undo_until, claim.association, claim.endorsed, claim.zone, claim.calendar)
            alike.setdefault((same, more), []).append(claim)
        return tuple(ClaimGroup(tuple(group)) for group in alike.values())

    @property
    def answerable(self) -> tuple[ClaimView, ...]:
        """The claims that can be objected to or agreed to."""
        return tuple(claim for claim in self.claims if {"opt_out", "agree"} & set(claim.may))

    @property
    def is_single(self) -> bool:
        """Whether there is one claim in all."""
        return len(self.claims) == 1 and not self.older and not self.is_later

    @property
    def choices(self) -> tuple[Choice, ...]:
        """What can be answered, for one claim at least."""
        wanted: tuple[Choice, ...] = ("opt_out", "agree")
        return tuple(one for one in wanted if any(one in claim.may for claim in self.claims))

    @property
    def done_title(self) -> str:
        """What was done as a key of `page.done.title`."""
        return "sent" if self.done.endswith("_sent") or self.done in WAITING else self.done

    @property
    def live(self) -> bool:
        """Whether there is anything left to object to."""
        return any("opt_out" in claim.may for claim in self.claims)

    @property
    def is_seen(self) -> bool:
        """Whether partners see figures now, and nothing more is asked for."""
        return not self.asking and any(claim.state == "active" for claim in self.claims)

    @property
    def asking(self) -> bool:
        """Whether there is anything in which doing nothing means something."""
        return any(claim.state in ASKING for claim in self.claims)


class ConfirmationView(Frozen):
    """The page behind a confirmation link.

    Attributes:
        act: what will happen: a key of `page.confirmation`.
        items: names of items, each with its partner.
        unchanged: names of those that the confirmation no longer fits.
        partner: the partner that is allowed again.
        form: the form token.
        is_done: it has just been confirmed.
    """

    tenant: Name
    act: str
    items: tuple[Name, ...] = ()
    unchanged: tuple[Name, ...] = ()
    partner: Name = ""
    form: str
    is_done: bool = False


class JournalEntry(Frozen):
    """Who looked up or read what, when.

    Attributes:
        who: an organisation's name; '' for the customer itself.
        is_act: it is something that was done, not a look-up.
        is_by_contact: it was done by the contact that a partner named.
        act: a key of `journal`.
    """

    at: Instant
    who: Name = ""
    act: str
    item: Name = ""
    is_act: bool = False
    is_by_contact: bool = False


class JournalView(Frozen):
    """The tenant's journal, newest first.

    Attributes:
        older: the address of the part before, if there is one.
    """

    tenant: Name
    entries: tuple[JournalEntry, ...] = ()
    zone: str = "UTC"
    older: str = ""
