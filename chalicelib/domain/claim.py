"""A claim: one frozen value with three states, a version, its clocks and its outbox."""

from datetime import date, datetime, timedelta

from pydantic import Field

from chalicelib.domain.association import Association
from chalicelib.domain.base import Frozen, Instant
from chalicelib.domain.calendars import CalendarRegion
from chalicelib.domain.customer_answer import Answer
from chalicelib.domain.deadlines import Clock
from chalicelib.domain.directory import USABLE
from chalicelib.domain.evidence import Proof
from chalicelib.domain.filing import Contact, RevenueDetails
from chalicelib.domain.history import GENESIS, Act, NewComment
from chalicelib.domain.ids import association_id
from chalicelib.domain.item import Item, SubscriptionSnapshot
from chalicelib.domain.mail_addresses import is_same_address, is_within
from chalicelib.domain.notification import Notification
from chalicelib.domain.review import Decision, ProposedAddress, Review, Task
from chalicelib.domain.slot import Contender, Cooldown, Standing
from chalicelib.domain.state_machines import IN_FORCE, OPEN

# An activation rests on a look-up less than 24 h old (domain.md, "The activation rule").
LOOKUP_VALID_FOR = timedelta(hours=24)
# Seconds after which the sweep checks whether the outbox has been sent.
OUTBOX_RETRY_SECONDS = 120


class Claim(Frozen):
    """One claim of one partner on one item.

    What was filed:

    filing_id: the filing that it came with.
    organisation_id, partner_name, partner_domains: the claimant, as the registry knew it.
    filed_by: sub of the caller who filed it.
    tenant_id, domain: the customer's tenant, and the domain that was verified to be its own.
    location_id: the claimant's location id (formerly MPN ID).
    engagement: the catalogue's engagement for the partner role.
    item: what is claimed.
    subscription_found_by_service: the partner named none, and sees the found one from approval on.
    catalogue_edition: the edition in force on the day of submission.
    name, external_reference: the partner's own texts.
    evidence: the files that it rests on.
    replaced_evidence: files that an amendment has replaced; they are kept as long as the others.
    files_taken: the number of files attached since submission; 0: only those in `evidence`.
    notice_amendments: how many amendments have changed the content of the customer's notice.
    comment_mailed_at: when the last mail about a partner's comment was sent to the programme.
    revenue_details: for influenced revenue only.
    warnings: codes of the entry checks' warnings.

    State:

    status: state of the claim, see `state_machines.CLAIM`.
    status_before_opt_out: the status to return to when an opt-out is undone.
    competitors_at_opt_out: the organisations that held or claimed the item at the opt-out.
    status_before_question: the status to return to when a question is answered.
    answer: the customer's answer.
    association: the newest association, if any was made.
    snapshot: the item's subscription at its last look-up.
    review, task, decision: the reviewers' side; task_rev: the `rev` that last changed the task.
    disputed: whether the partner has used its one dispute.
    found_addresses: addresses of the customer that reviewers found.
    proposed_address: a found address that a senior has not confirmed yet.
    renewed_subscriptions: ids of new subscriptions for which drafts were made.
    redacted: which private parts retention has deleted.
    contested: whether another partner held or claimed the item at submission, or a case was opened.
    is_calendar_alarmed: the programme was alerted that its objection period cannot be counted.
    findings: codes that a held claim waits for, or that returned it to draft.

    Deadlines and notifications:

    customer, partner: the regions whose calendars its deadlines follow.
    language, partner_language: of mails to the customer and to the partner.
    clocks: the running clocks, one of each kind.
    outbox, outbox_retry: notifications to send, and when the sweep tries again.
    outbox_attempts: how many attempts in a row the mail service has not accepted.

    Versions:

    version: counts what callers can see; it is the ETag.
    rev: counts writes.
    seq, head: number and hash of the newest history row.
    """

    schema_version: int = 1
    id: str
    filing_id: str
    organisation_id: str
    partner_name: str = ""
    partner_domains: tuple[str, ...] = ()
    filed_by: str
    tenant_id: str
    domain: str
    location_id: str | None = None
    solution_area: str
    partner_role: str
    engagement: str
    item: Item
    subscription_found_by_service: bool = Field(default=False, alias="filled_in")
    catalogue_edition: str
    customer_contact: Contact | None = None
    technical_contact: Contact | None = None
    partner_contact: Contact | None = None
    name: str | None = None
    external_reference: str | None = None
    evidence: tuple[Proof, ...] = ()
    replaced_evidence: tuple[Proof, ...] = ()
    files_taken: int = 0
    notice_amendments: int = 0
    comment_mailed_at: Instant | None = None
    revenue_details: RevenueDetails | None = None
    warnings: tuple[str, ...] = ()

    status: str = "draft"
    status_before_opt_out: str | None = Field(default=None, alias="left")
    competitors_at_opt_out: tuple[Contender, ...] = ()
    status_before_question: str | None = Field(default=None, alias="questioned_in")
    answer: Answer = Answer()
    association: Association | None = None
    snapshot: SubscriptionSnapshot | None = Field(default=None, alias="look")
    review: Review = Review()
    task: Task | None = None
    task_rev: int = 0
    decision: Decision | None = None
    disputed: bool = False
    found_addresses: tuple[str, ...] = ()
    proposed_address: ProposedAddress | None = None
    renewed_subscriptions: tuple[str, ...] = Field(default=(), alias="renewed")
    redacted: tuple[str, ...] = Field(default=(), alias="forgotten")
    contested: bool = False
    is_calendar_alarmed: bool = False
    findings: tuple[str, ...] = ()

    customer: CalendarRegion = CalendarRegion()
    partner: CalendarRegion = CalendarRegion()
    language: str = "en"
    partner_language: str = "en"
    clocks: tuple[Clock, ...] = ()
    outbox: tuple[Notification, ...] = ()
    outbox_retry: Instant | None = None
    outbox_attempts: int = 0

    created_at: Instant
    submitted_at: Instant | None = None
    updated_at: Instant
    decided_at: Instant | None = None
    version: int = 0
    rev: int = 0
    seq: int = 0
    head: str = GENESIS

    @property
    def is_open(self) -> bool:
        """Whether it is in one of the open states (domain.md, "Claim")."""
        return self.status in OPEN

    @property
    def is_live(self) -> bool:
        """Whether it is open or approved, so that the customer's answer decides something."""
        return self.is_open or self.status == "approved"

    @property
    def has_association_in_force(self) -> bool:
        """Whether its association is official: active, or in grace."""
        return self.association is not None and self.association.state in IN_FORCE

    @property
    def subscription_ends_on(self) -> date | None:
        """The day on which the subscription of an association in force ends, if it is known."""
        return self.snapshot.ends_on if self.snapshot and self.has_association_in_force else None

    @property
    def hides_subscription(self) -> bool:
        """Whether its partner does not see the subscription yet, because the service found it."""
        return self.subscription_found_by_service and self.status not in ("approved", "ended")

    @property
    def etag(self) -> str:
        """The version as an entity tag, without quotes."""
        return str(self.version)

    @property
    def is_paused_by_bounce(self) -> bool:
        """Whether its association is paused because the notice behind its silence bounced."""
        made = self.association
        is_late_bounce = made is not None and (made.state, made.cause) == ("paused", "late_bounce")
        return is_late_bounce and self.answer.state == "not_objected"

    @property
    def association_id(self) -> str | None:
        """The id of the newest association."""
        return association_id(self.id, self.association.ordinal) if self.association else None

    @property
    def due_at(self) -> datetime | None:
        """When the sweep must process it next: the earliest of its clocks and its outbox."""
        times: list[datetime] = [c.due_at for c in self.clocks]
        if self.outbox and self.outbox_retry:
            times.append(self.outbox_retry)
        return min(times, default=None)

    @property
    def standing(self) -> Standing | None:
        """Its standing in its item's slot; None when it has no entry there."""
        if self.association and self.association.state != "ended":
            is_heir = self.association.state == "pending" and self.association.cause == "heir"
            return "heir" if is_heir else "holds"
        is_held = self.status == "awaiting_provisioning"
        return "rival" if self.is_open and not is_held else None

    def is_partner_address(self, address: str) -> bool:
        """Return whether an address is in a domain of the claimant, by the registry, or below."""
        return is_within(address, self.partner_domains)

    def belongs_to_claimant(self, address: str) -> bool:
        """Return whether a contact in the customer's directory belongs to the claimant.

        If so, it does not count as the customer's own (domain.md, "The customer's answer").
        """
        contact = self.partner_contact
        if contact is None or self.answer.has_newer_partner_contact:
            return self.is_partner_address(address)
        return is_same_address(address, contact.email) or self.is_partner_address(address)

    def is_claimant_address(self, address: str) -> bool:
        """Return whether the claimant named this address, or its domain is the claimant's."""
        contacts = (self.customer_contact, self.technical_contact, self.partner_contact)
        named = (contact.email for contact in contacts if contact)
        return self.is_partner_address(address) or any(
            is_same_address(address, one) for one in named
        )

    def to_contender(self) -> Contender | None:
        """Return its entry for the item's slot; None when it has none there."""
        if not self.standing:
            return None
        return Contender(
            claim_id=self.id,
            organisation_id=self.organisation_id,
            partner_role=self.partner_role,
            standing=self.standing,
            proven=self.status == "in_arbitration",
        )

    def find_clock(self, kind: str) -> Clock | None:
        """Return the running clock of a kind."""
        return next((c for c in self.clocks if c.kind == kind), None)

    def with_clock(self, *clocks: Clock) -> "Claim":
        """Return the claim with these clocks, each replacing the clock of its kind."""
        kinds = {c.kind for c in clocks}
        return self.evolve(clocks=(*(c for c in self.clocks if c.kind not in kinds), *clocks))

    def without_clock(self, *kinds: str) -> "Claim":
        """Return the claim without clocks of these kinds."""
        return self.evolve(clocks=tuple(c for c in self.clocks if c.kind not in kinds))

    def has_consent(self) -> bool:
        """Return whether the customer agreed, or did not object after a valid delivery."""
        return self.answer.state == "agreed" or (
            self.answer.state == "not_objected" and self.answer.has_standing_delivery
        )

    def has_fresh_lookup(self, now: datetime) -> bool:
        """Return whether a look-up less than 24 h old says active or in grace."""
        snapshot = self.snapshot
        return (
            snapshot is not None
            and now - snapshot.at < LOOKUP_VALID_FOR
            and snapshot.state in USABLE
        )


class Outcome(Frozen):
    """The result of a step.

    claim: the next value.
    acts: the acts to record, in order.
    comments: comments to add to the claim's thread.
    starts_cooldown: until when the partner may not claim the item again.
    ends_cooldown: whether to end the cool-down that the customer's opt-out of this claim started.
    """

    claim: Claim
    acts: tuple[Act, ...] = ()
    comments: tuple[NewComment, ...] = ()
    starts_cooldown: Cooldown | None = None
    ends_cooldown: bool = False

    def then(self, further: "Outcome") -> "Outcome":
        """Return the outcome of this step followed by another one."""
        return Outcome(
            claim=further.claim,
            acts=(*self.acts, *further.acts),
            comments=(*self.comments, *further.comments),
            starts_cooldown=further.starts_cooldown or self.starts_cooldown,
            ends_cooldown=further.ends_cooldown or self.ends_cooldown,
        )
