"""The ports for what is stored about customers: mail records and tenants.

Reads are consistent.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from chalicelib.domain.access_journal import JournalRow
    from chalicelib.domain.arbitration import Arbitration
    from chalicelib.domain.claim import Claim
    from chalicelib.domain.figures import Figures
    from chalicelib.domain.mail_records import MailEvent, MailRecord
    from chalicelib.domain.tenant_file import TenantFile
    from chalicelib.domain.tenant_settings import TenantSettings


class MailRecords(Protocol):
    """Records of mails that were sent. A record is also the link in its mail."""

    def get(self, mail_id: str) -> MailRecord | None:
        """Return a record, None when there is none with this id."""
        ...

    def get_many(self, mail_ids: Iterable[str]) -> Mapping[str, MailRecord]:
        """Return those of the records that exist, by id."""
        ...

    def list_of_claim(
        self, tenant_key: str, claim_id: str, *, consistent: bool = True
    ) -> tuple[MailRecord, ...]:
        """Return the records of the mails about a claim of a tenant.

        consistent: False costs half, and may return what was stored a moment ago.
        """
        ...

    def add(self, record: MailRecord) -> None:
        """Store a record unless it exists. Events of the mail are never overwritten."""
        ...

    def list_of_claims(
        self, tenant_key: str, claim_ids: Iterable[str], *, consistent: bool = True
    ) -> tuple[MailRecord, ...]:
        """Return the records of the mails about any of these claims."""
        ...

    def list_of_tenant(self, tenant_key: str, *, consistent: bool = True) -> tuple[MailRecord, ...]:
        """Return the records of all mails about a tenant; their number grows with what is sent."""
        ...

    def add_event(
        self, mail_id: str, event: MailEvent, deliveries_of: frozenset[str]
    ) -> MailRecord | None:
        """Add an event to a record, once, and return the record; None when there is none.

        deliveries_of: the kinds of mails whose deliveries are recorded; nothing follows from those
        of others. Raises Conflict when others keep changing the record.
        """
        ...

    def revoke_link(self, mail_id: str) -> MailRecord | None:
        """Revoke the link of a mail, so that it answers like an unknown one.

        Returns the record, None when there is none. Raises Conflict.
        """
        ...

    def select_struck(self, tenant_key: str, addresses: Iterable[str]) -> frozenset[str]:
        """Select those of a customer's addresses that mails did not reach, or that complained.

        The addresses are in canonical form (`mail_addresses`).
        """
        ...

    def delete_recipients(self, mail_ids: Iterable[str]) -> None:
        """Delete the addresses that these mails were sent to. Raises Conflict."""
        ...


class Tenants(Protocol):
    """What is stored about a tenant as a whole."""

    def get_settings(self, tenant_id: str) -> TenantSettings:
        """Return what the customer set for a tenant; `rev` 0 when nothing was ever set."""
        ...

    def find_settings(self, tenant_key: str) -> TenantSettings | None:
        """Return what the customer set for the tenant with this key; None: nothing yet."""
        ...

    def get_file(self, tenant_key: str, mail_id: str | None = None) -> TenantFile:
        """Return what acts of the customer's need, usually in one round trip.

        It has every slot, the settings, the claims that slots or settings name (those that are
        open, live or answered), the mails whose links the settings name, and the mail `mail_id`.
        Their number does not depend on how many claims have ended, nor on how many mails were sent.
        """
        ...

    def get_page(
        self, tenant_key: str, mail_id: str, before: str = ""
    ) -> tuple[TenantFile, str | None]:
        """Return a part of the file whose size does not depend on how many claims there are.

        It has the one mail, every slot, and the newest claims before the id `before`. The second
        result is the id before which the next part begins, None at the end.
        """
        ...

    def list_cases(self, tenant_key: str) -> tuple[Arbitration, ...]:
        """Return every arbitration case of a tenant."""
        ...

    def list_newest_claims(
        self, tenant_key: str, before: str = "", *, consistent: bool = False
    ) -> tuple[Claim, ...]:
        """Return the newest claims of a tenant, newest first, at most fifty; no drafts.

        They precede the id `before`. They may be as they were stored a moment ago, unless
        `consistent`.
        """
        ...

    def list_figures(
        self, tenant_key: str, item_name: str, first: str, last: str
    ) -> tuple[Figures, ...]:
        """Return the figures of an item from month `first` to month `last` (`YYYY-MM`)."""
        ...

    def add_journal_row(self, tenant_key: str, added: JournalRow) -> None:
        """Add a row to the customer's access journal."""
        ...

    def list_journal(
        self, tenant_key: str, before: str = ""
    ) -> tuple[tuple[JournalRow, ...], str | None]:
        """Return a page of the access journal, newest first.

        before: the row id before which the page begins. The second result is that of the next page,
        None on the last page.
        """
        ...
