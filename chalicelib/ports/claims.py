"""The ports for stored claims: the claims, their items' registers, history and arbitrations.

Reads are consistent unless a method says otherwise.
"""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple, Protocol

if TYPE_CHECKING:
    from chalicelib.domain.arbitration import Arbitration
    from chalicelib.domain.claim import Claim
    from chalicelib.domain.history import Comment, Entry, EventKey
    from chalicelib.domain.item import Item
    from chalicelib.domain.slot import Slot
    from chalicelib.ports.requests import Receipt


class StoredClaim(NamedTuple):
    """A claim as it is stored, with what a decision on it needs.

    Attributes:
        claim: the claim.
        slot: the register of its item, None while the item was never claimed.
        receipt: the response that was already given to this request, if it was asked for.
    """

    claim: Claim
    slot: Slot | None
    receipt: Receipt | None


class Claims(Protocol):
    """Claims."""

    def get(
        self, claim_id: str, receipt: tuple[str, str] | None = None, consistent: bool = True
    ) -> StoredClaim | None:
        """Return a claim with the register of its item, in one round trip.

        receipt: (owner, idempotency key) of a receipt to read with it.
        consistent: False costs half, and may return what was stored a moment ago.
        """
        ...

    def get_to_show(self, claim_id: str) -> StoredClaim | None:
        """Return a claim with the register of its item, in one round trip, without a receipt.

        The register may be that of a moment ago: nothing is decided on it.
        """
        ...

    def get_many(self, claim_ids: Sequence[str]) -> tuple[Claim, ...]:
        """Return those of the claims that exist, in the order of the ids."""
        ...

    def list_ended_together(self, claim: Claim, at: datetime) -> tuple[str, ...]:
        """List the ids of the claims whose end is mailed together with that of this one, in order.

        at: when, as their notifications say (`not_before`).
        """
        ...

    def list_of_partner(
        self, organisation_id: str, after: str | None, limit: int
    ) -> tuple[tuple[Claim, ...], str | None]:
        """Return a page of a partner's claims, newest first.

        after: the claim id after which the page begins. The second result is that of the next page,
        None on the last page.
        """
        ...

    def list_ids_of_partner(
        self, organisation_id: str, tenant_keys: Container[str], newer_than: str = ""
    ) -> tuple[str, ...]:
        """Return the ids of a partner's claims for some tenants, newest first.

        What other partners have filed there costs no read; the newest claims may be missing for a
        moment. newer_than: a claim id that those returned follow.
        """
        ...

    def list_of_filing(self, filing_id: str) -> tuple[Claim, ...]:
        """Return the claims of a filing, newest first; none for an unknown one."""
        ...

    def list_associations(
        self, organisation_id: str, after: str | None, limit: int
    ) -> tuple[tuple[Claim, ...], str | None]:
        """Return a page of a partner's claims that led to an association, newest first.

        The arguments and the second result are those of `list_of_partner`.
        """
        ...

    def list_drafts(self, organisation_id: str, tenant_id: str, most: int) -> tuple[str, ...]:
        """List the ids of a partner's drafts for a tenant, up to `most`; the newest may be missing,
        and what is no draft any more may be listed for a moment.
        """
        ...


class Slots(Protocol):
    """The registers of items: who holds an item and who claims it."""

    def get(self, slot_id: str) -> Slot | None:
        """Return the register of an item (`ids.slot_id`), None while it was never claimed."""
        ...

    def get_many(self, items: Sequence[tuple[str, Item]]) -> Mapping[tuple[str, str], Slot]:
        """Return the registers of (tenant id, item), by (tenant id, item name), in one call.

        They may be those of a moment ago.
        """
        ...


class History(Protocol):
    """What happened to claims, and the comments on them."""

    def list_entries(self, claim_id: str, head: str | None = None) -> tuple[Entry, ...]:
        """Return the history of a claim in order.

        head: the hash of an entry that must be there, if one is known: then the read costs half,
            unless that entry cannot be seen yet.
        """
        ...

    def list_comments(self, claim_id: str) -> tuple[Comment, ...]:
        """Return the comments on a claim in order."""
        ...

    def list_comment_page(
        self, claim_id: str, start: str | None, limit: int, *, backwards: bool = False
    ) -> tuple[tuple[Comment, ...], str | None]:
        """Return a page of the comments on a claim, oldest first; `backwards`: newest first.

        start: the comment id after which the page begins. The second result is that of the next
        page, None on the last page.
        """
        ...

    def list_event_keys(self, organisation_id: str, after: str, limit: int) -> tuple[EventKey, ...]:
        """Return where the events of a partner after an event id are, in the order of their ids.

        Those of at most `limit` rows. The newest may be missing for a moment.
        """
        ...

    def get_events(self, keys: Sequence[EventKey]) -> tuple[Entry, ...]:
        """Return the events at these places, in their order."""
        ...

    def delete_private_parts(self, claim: Claim) -> None:
        """Delete the private parts of a claim's history, and its comments."""
        ...


class Arbitrations(Protocol):
    """Arbitration cases."""

    def get(self, case_id: str) -> Arbitration | None:
        """Return a case, None when there is none with this id."""
        ...

    def list_of(
        self, owner: str, after: str | None, limit: int
    ) -> tuple[tuple[Arbitration, ...], str | None]:
        """Return a page of cases, newest first.

        owner: the organisation that is a party, or `programme` for all cases.
        after: the case id after which the page begins. The second result is that of the next page,
        None on the last page.
        """
        ...
