"""The port for everything that is stored."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from chalicelib.domain.arbitration import Arbitration
from chalicelib.domain.claim import Claim
from chalicelib.domain.customer import JournalRow, MailEvent, MailRecord, TenantFile, TenantSettings
from chalicelib.domain.directory import Partner
from chalicelib.domain.evidence import Evidence
from chalicelib.domain.figures import Figures
from chalicelib.domain.history import Comment, Entry
from chalicelib.domain.item import Item
from chalicelib.domain.review_tasks import ReviewTask
from chalicelib.domain.slot import Slot


class Conflict(Exception):
    """A condition of the write did not hold. The caller reads again and decides again."""


@dataclass(frozen=True)
class Receipt:
    """The response that was given to one idempotency key of one owner.

    Attributes:
        owner: whose key it is: an organisation, a reviewer or a mail link.
        key: the idempotency key as the caller wrote it.
        fingerprint: a hash of the request; another request with the same key is refused.
        status: the HTTP status of the response.
        body: the JSON text of the response.
        etag: the entity tag of the response.
        expires: epoch seconds after which the receipt counts no longer.
    """

    owner: str
    key: str
    fingerprint: str
    status: int
    body: str
    etag: str | None = None
    expires: int = 0


@dataclass(frozen=True)
class Change:
    """Everything that one use case writes: all of it is written, or nothing.

    Values that carry a `rev` come with the new one; the write is conditional on the one before.

    Attributes:
        claims: claims in their new version.
        slots: the registers of their items in their new version.
        arbitration: an arbitration case in its new version.
        members: who lists the arbitration among their cases from now on (organisation ids, and
            `programme`).
        entries: new history rows, one tuple per claim.
        comments: new comments.
        evidence: new evidence records.
        mails: new mail records.
        tenant_settings: what a customer set, in its new version.
        receipt: the response that a repeated request gets.
        uses: (checksum, tenant key) of the files that a claim or a statement now rests on.
    """

    claims: tuple[Claim, ...] = ()
    slots: tuple[Slot, ...] = ()
    arbitration: Arbitration | None = None
    members: tuple[str, ...] = ()
    entries: tuple[tuple[Entry, ...], ...] = ()
    comments: tuple[Comment, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    mails: tuple[MailRecord, ...] = ()
    tenant_settings: TenantSettings | None = None
    receipt: Receipt | None = None
    uses: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class FilingInputs:
    """Everything that a filing reads from the store, in one round trip.

    Attributes:
        partner: the partner organisation, None when it is unknown.
        tenant_settings: what the customer set for the tenant.
        slots: the registers of the items, by item name.
        evidence: the evidence records, by id.
        receipt: the response that was already given to this request.
        counts: how often each counter was increased, by subject.
    """

    partner: Partner | None
    tenant_settings: TenantSettings
    slots: Mapping[str, Slot]
    evidence: Mapping[str, Evidence]
    receipt: Receipt | None
    counts: Mapping[str, int]


class Store(Protocol):
    """Where everything lives. Reads are consistent unless asked otherwise."""

    def case(
        self,
        claim_id: str,
        receipt: tuple[str, str] | None = None,
        consistent: bool = True,
    ) -> tuple[Claim, Slot | None, Receipt | None] | None:
        """A claim, its item's place and a receipt, in one round trip."""
        ...

    def claims(self, ids: Sequence[str]) -> tuple[Claim, ...]: ...

    def slot(self, slot_id: str) -> Slot | None: ...

    def arbitration(self, case_id: str) -> Arbitration | None: ...

    def arbitrations_of(
        self, owner: str, after: str | None, limit: int
    ) -> tuple[tuple[Arbitration, ...], str | None]:
        """A partner's cases, newest first; `programme`: all of them."""
        ...

    def slots(self, items: Sequence[tuple[str, Item]]) -> Mapping[tuple[str, str], Slot]:
        """The places of some items, by (tenant id, item name), in one call."""
        ...

    def filing_inputs(
        self,
        organisation_id: str,
        tenant_id: str,
        items: Sequence[Item],
        evidence: Sequence[str],
        receipt: tuple[str, str] | None = None,
        counters: Sequence[tuple[str, str]] = (),
        consistent: bool = False,
    ) -> FilingInputs: ...

    def commit(self, change: Change) -> None:
        """Raises Conflict."""
        ...

    def record(self, mail: MailRecord) -> None:
        """Stores a mail's record unless it is there already; never overwrites what became of it."""
        ...

    def record_mail_event(
        self, mail_id: str, event: MailEvent, deliveries_of: frozenset[str]
    ) -> MailRecord | None:
        """Adds an event to a mail's record, once; None when there is no such mail. That a mail was
        delivered is kept of these kinds only: of the others nothing follows from it.
        """
        ...

    def revoke(self, mail_id: str) -> MailRecord | None:
        """Makes a mail's link answer like an unknown one; None when there is no such mail. Raises
        Conflict.
        """
        ...

    def mail(self, mail_id: str) -> MailRecord | None: ...

    def mails(self, mail_ids: Iterable[str]) -> Mapping[str, MailRecord]:
        """Those of these mails that are on record, by id."""
        ...

    def tenant_settings(self, tenant_id: str) -> TenantSettings:
        """What the customer has set; an empty hand when nothing ever was."""
        ...

    def tenant_file(self, tenant_key: str) -> TenantFile:
        """Everything a customer's page shows, in one round trip."""
        ...

    def history(self, claim_id: str) -> tuple[Entry, ...]: ...

    def tenant_records(self, tenant_key: str) -> tuple[Claim | Arbitration, ...]:
        """Every claim and every case of a tenant."""
        ...

    def forget(self, claim: Claim, mails: Iterable[str]) -> None:
        """Deletes the private parts of a claim's history, its comments, and the persons in these
        mails' records.
        """
        ...

    def comments(self, claim_id: str) -> tuple[Comment, ...]: ...

    def mails_of(self, tenant_key: str, claim_id: str) -> tuple[MailRecord, ...]: ...

    def claims_of(
        self, organisation_id: str, after: str | None, limit: int
    ) -> tuple[tuple[Claim, ...], str | None]: ...

    def associations_of(
        self, organisation_id: str, after: str | None, limit: int
    ) -> tuple[tuple[Claim, ...], str | None]: ...

    def events_of(self, organisation_id: str, after: str, limit: int) -> tuple[Entry, ...]: ...

    def queue(
        self, after: str | None, limit: int
    ) -> tuple[tuple[Claim | Arbitration | ReviewTask, ...], str | None]: ...

    def due(self, until: datetime, limit: int) -> tuple[tuple[str, datetime], ...]:
        """Ids of what is due, soonest first, with when.

        Of thousands not exactly the soonest: each shard gives its share.
        """
        ...

    def evidence(self, evidence_id: str) -> Evidence | None: ...

    def reused(self, proofs: Sequence[tuple[str, str]], tenant_id: str) -> frozenset[str]:
        """Those of the files (id, checksum) whose content another tenant's claim rests on, too."""
        ...

    def used_at(self, checksums: Iterable[str]) -> frozenset[str]:
        """The keys of the tenants that files of this content were used for."""
        ...

    def used(self, claims: Iterable[Claim]) -> None:
        """Notes which tenant the claims' files were used for. Writing it again changes nothing."""
        ...

    def receipt(self, owner: str, key: str) -> Receipt | None: ...

    def figures(self, tenant_key: str, item: str, first: str, last: str) -> tuple[Figures, ...]: ...

    def journal(self, tenant_key: str, row: JournalRow) -> None: ...

    def journal_of(
        self, tenant_key: str, before: str = ""
    ) -> tuple[tuple[JournalRow, ...], str | None]:
        """A part of the journal, newest first, and before which row it goes on; None: that is all."""
        ...

    def count(self, subject: str, window: str, expires: int) -> int:
        """Counts one more and answers how many there are now."""
        ...
