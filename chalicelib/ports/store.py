"""The port for everything that is stored."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from chalicelib.domain.access_journal import JournalRow
    from chalicelib.domain.additions import Additions
    from chalicelib.domain.api_key import ApiKey
    from chalicelib.domain.arbitration import Arbitration
    from chalicelib.domain.claim import Claim
    from chalicelib.domain.directory import Partner
    from chalicelib.domain.evidence import Evidence
    from chalicelib.domain.history import Comment, Entry
    from chalicelib.domain.insight_totals import PeriodTotals, Tally
    from chalicelib.domain.item import Item
    from chalicelib.domain.mail_records import MailRecord
    from chalicelib.domain.slot import Slot
    from chalicelib.domain.tenant_settings import TenantSettings
    from chalicelib.domain.user import User
    from chalicelib.domain.webhook_delivery import Delivery
    from chalicelib.domain.webhook_endpoint import WebhookEndpoint
    from chalicelib.ports.api_keys import ApiKeys
    from chalicelib.ports.claims import Arbitrations, Claims, History, Slots
    from chalicelib.ports.customers import MailRecords, Tenants
    from chalicelib.ports.files import EvidenceRecords
    from chalicelib.ports.insights import Insights
    from chalicelib.ports.preferences import PreferenceRecords
    from chalicelib.ports.queue import Queues
    from chalicelib.ports.requests import Receipt, Requests
    from chalicelib.ports.sessions import Sessions
    from chalicelib.ports.users import Users
    from chalicelib.ports.webhooks import WebhookEndpoints


class Conflict(Exception):
    """A condition of the write did not hold. The caller reads again and decides again."""


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
        journal: rows of a tenant's journal, each after the tenant's key.
        receipt: the response that a repeated request gets.
        users: people of organisations in their new version.
        api_keys: API keys of organisations in their new version.
        endpoints: webhook endpoints and replays in their new version.
        deliveries: the results of deliveries, each with the id of its endpoint.
        tally: how far a partner was counted, or the programme was summed, in its new version.
        totals: totals of a partner; they are written with its tally only.
        additions: the collection with a limited size that something is added to, in its new
            version.
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
    journal: tuple[tuple[str, JournalRow], ...] = ()
    receipt: Receipt | None = None
    uses: tuple[tuple[str, str], ...] = ()
    users: tuple[User, ...] = ()
    api_keys: tuple[ApiKey, ...] = ()
    endpoints: tuple[WebhookEndpoint, ...] = ()
    deliveries: tuple[tuple[str, Delivery], ...] = ()
    tally: Tally | None = None
    totals: tuple[PeriodTotals, ...] = ()
    additions: Additions | None = None


@dataclass(frozen=True)
class FilingQuery:
    """Which records a filing needs.

    Attributes:
        organisation_id: the partner.
        tenant_id: the customer's tenant.
        items: the items that are claimed.
        evidence: the ids of the evidence files.
        receipt: (owner, idempotency key) of the request, None without a key.
        counters: (subject, window) of each counter that limits the request.
    """

    organisation_id: str
    tenant_id: str
    items: Sequence[Item]
    evidence: Sequence[str]
    receipt: tuple[str, str] | None = None
    counters: Sequence[tuple[str, str]] = ()

    @property
    def has_incomplete_items(self) -> bool:
        """Whether an item names neither a workload nor a subscription.

        The directory determines the subscription later.
        """
        return any(not item.workload and not item.subscription_id for item in self.items)


@dataclass(frozen=True)
class FilingInputs:
    """Everything that a filing reads from the store, in one round trip.

    Attributes:
        partner: the partner organisation, None when it is unknown.
        tenant_settings: what the customer set for the tenant.
        slots: the registers of the items, by item name; those of all items of the tenant when an
            item is incomplete.
        evidence: the evidence records that exist, by id.
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
    """Everything that is stored: one port for each kind of record, and what concerns several.

    Attributes:
        claims: claims.
        slots: the registers of items.
        history: what happened to claims, and the comments on them.
        arbitrations: arbitration cases.
        mails: records of mails that were sent.
        tenants: what is stored about a tenant as a whole.
        evidence: the records of evidence files.
        queues: what waits for a reviewer or for its deadline.
        requests: receipts of requests and counters that limit them.
        users: the memberships of people in organisations.
        sessions: people who are signed in to the pages.
        api_keys: API keys of organisations.
        preferences: what people have chosen for the pages.
        endpoints: webhook endpoints, and what was posted to them.
        insights: totals of what was counted.
    """

    @property
    def claims(self) -> Claims: ...
    @property
    def slots(self) -> Slots: ...
    @property
    def history(self) -> History: ...
    @property
    def arbitrations(self) -> Arbitrations: ...
    @property
    def mails(self) -> MailRecords: ...
    @property
    def tenants(self) -> Tenants: ...
    @property
    def evidence(self) -> EvidenceRecords: ...
    @property
    def queues(self) -> Queues: ...
    @property
    def requests(self) -> Requests: ...
    @property
    def sessions(self) -> Sessions: ...
    @property
    def preferences(self) -> PreferenceRecords: ...
    @property
    def users(self) -> Users: ...
    @property
    def api_keys(self) -> ApiKeys: ...
    @property
    def endpoints(self) -> WebhookEndpoints: ...
    @property
    def insights(self) -> Insights: ...

    def get_filing_inputs(self, query: FilingQuery, consistent: bool = False) -> FilingInputs:
        """Return everything that a filing needs, in one round trip.

        consistent: False costs half, and may return what was stored a moment ago.
        """
        ...

    def commit(self, change: Change) -> None:
        """Write a change: all of it or nothing. Raises Conflict."""
        ...
