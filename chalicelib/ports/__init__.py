"""What the use cases need of the world outside, and `World`: the frozen bundle of it."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Protocol

from chalicelib.domain.arbitration import Arbitration
from chalicelib.domain.catalogue import Catalogue
from chalicelib.domain.claim import Claim
from chalicelib.domain.customer import JournalRow, MailEvent, MailRecord, TenantFile, TenantSettings
from chalicelib.domain.directory import Customer, Partner, Subscription, Tenant
from chalicelib.domain.evidence import Evidence, Stored
from chalicelib.domain.figures import Figures
from chalicelib.domain.history import Comment, Entry
from chalicelib.domain.item import Item
from chalicelib.domain.review_tasks import ReviewTask
from chalicelib.domain.slot import Slot
from chalicelib.runtime.settings import Settings


class Clock(Protocol):
    def now(self) -> datetime:
        """The moment, in UTC."""
        ...


class Directory(Protocol):
    """What is known of tenants.

    Adapters: registry (the operator's feed), live (OpenID Connect and Graph).
    """

    def customer(self, tenant_id: str, domain: str) -> Customer:
        """One look for a filing: the domain's tenant, the tenant, its subscriptions. Never raises
        for an outage: `Customer.unavailable`. `domain` may be any verified domain, the initial
        `.onmicrosoft.com` one, or the latter's first label alone; it comes as the caller wrote it.
        """
        ...

    def subscriptions(self, tenant_key: str) -> tuple[Subscription, ...] | None:
        """A tenant's subscriptions by tenant key (ids.tenant_key); None: it could not be looked up."""
        ...

    def tenant(self, tenant_key: str) -> Tenant | None: ...


class Partners(Protocol):
    def partner(self, organisation_id: str) -> Partner | None: ...

    def related(self, sub: str) -> frozenset[str]:
        """The partner organisations that a reviewer is related to, as the operator's feed lists
        them.
        """
        ...


class Files(Protocol):
    """The object storage for evidence."""

    def invite(self, evidence: Evidence) -> tuple[str, dict[str, str]]:
        """Address and form fields for one direct upload: exact key, type, size and checksum,
        short-lived.
        """
        ...

    def stored(self, evidence: Evidence) -> Stored | None:
        """What really lies there (size, checksum, kind by content); None when nothing was uploaded."""
        ...

    def delete(self, evidence_id: str) -> None:
        """Deletes a file in every version. Deleting it again does no harm."""
        ...

    def address(self, evidence: Evidence) -> str:
        """A short-lived address to download the file as an attachment."""
        ...


@dataclass(frozen=True)
class Mail:
    """One mail to one recipient.

    `id` names it for its events; the same id always means the same mail.
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


class MailSender(Protocol):
    def send(self, mail: Mail, now: datetime) -> str:
        """Hands a mail over; answers the provider's id. May send twice after a crash, then
        identically.
        """
        ...


class WorkQueue(Protocol):
    """The queue of the worker: "look at this soon". Losing a message costs time, never work: the
    due index has it.
    """

    def enqueue(self, ids: Sequence[str]) -> None:
        """Asks for it after a commit; never raises, for the commit stands whether or not anybody
        was asked.
        """
        ...

    def send(self, ids: Sequence[str]) -> None:
        """Asks for it, and raises when that fails: for the sweep, whose failures are counted."""
        ...


class Calendars(Protocol):
    """Business days.

    Places are (country ISO 3166 alpha-2, subdivision, IANA zone), each may be unknown (None).
    """

    def zone(self, country: str | None, time_zone: str | None) -> str:
        """The zone to reckon in: the known one; else the country's zone where the day ends last;
        else `Etc/GMT+12`.
        """
        ...

    def end_of_day(
        self, start: datetime, days: int, country: str | None, subdivision: str | None, zone: str
    ) -> datetime:
        """The end (24:00 local, as a UTC instant) of the `days`-th business day after the local day
        of `start`.
        """
        ...

    def hour_of_day(
        self,
        start: datetime,
        days: int,
        hour: int,
        country: str | None,
        subdivision: str | None,
        zone: str,
    ) -> datetime:
        """`hour`:00 local of the `days`-th business day after the local day of `start`, as a UTC
        instant.
        """
        ...

    def version(self) -> str:
        """Library and version of the calendars, for the record: `holidays 0.108`."""
        ...


class Secrets(Protocol):
    def link_key(self) -> bytes:
        """The key that link tokens and form tokens are derived with."""
        ...

    def link_keys(self) -> Iterable[bytes]:
        """The keys that a form token may have been derived with: the current one, then the one
        before.
        """
        ...

    def cursor_key(self) -> bytes: ...

    def cursor_keys(self) -> Iterable[bytes]: ...

    def live_client_secret(self) -> str:
        """The secret of the application that looks into tenants' directories; raises Unavailable
        without one.
        """
        ...

    def webhook_keys(self) -> Iterable[bytes]:
        """The keys that the vendor's own portal may sign with: the current one, and the one before
        while it is changed.
        """
        ...


class Conflict(Exception):
    """A condition of the write did not hold: read again and decide again."""


@dataclass(frozen=True)
class Receipt:
    """The answer that was given to one idempotency key of one owner, kept for 24 h."""

    owner: str
    key: str
    fingerprint: str
    status: int
    body: str
    etag: str | None = None
    expires: int = 0


@dataclass(frozen=True)
class Change:
    """Everything that one use case writes, all of it or nothing.

    Claims and places come with the `rev` they will have; the write is conditional on the one
    before. `uses`: (checksum, tenant key) of files that a claim or a statement rests on from now
    on. `members`: who lists the arbitration among its cases from now on.
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
    """What a filing reads at once: the partner, the customer's hand, the items' places, files,
    receipt, counters.
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


class BoxedMail(Protocol):
    """A mail that a sandbox keeps instead of sending it; `told`: what was said became of it."""

    @property
    def id(self) -> str: ...
    @property
    def mail_id(self) -> str: ...
    @property
    def to(self) -> str: ...
    @property
    def claim_ids(self) -> tuple[str, ...]: ...
    @property
    def told(self) -> tuple[str, ...]: ...


class Mailbox(Protocol):
    def mail(self, box_id: str) -> BoxedMail | None: ...
    def mails(self, limit: int = 200) -> Sequence[BoxedMail]: ...
    def told(self, box_id: str, event: str) -> None: ...


@dataclass(frozen=True)
class Services:
    """Everything outside the domain, as one value; tests and the embedded run make their own."""

    store: Store
    directory: Directory
    partners: Partners
    files: Files
    mail_sender: MailSender
    work_queue: WorkQueue
    clock: Clock
    calendars: Calendars
    secrets: Secrets
    catalogue: Catalogue
    settings: Settings
    random_bytes: Callable[[int], bytes]
    run_parallel: Callable[..., tuple[Any, ...]]
    normalize_domain: Callable[[str], str]
    mailbox: Mailbox | None = None

    def evolve(self, **changes: Any) -> "Services":
        """The same world with some parts exchanged."""
        return replace(self, **changes)
