"""A claim: one frozen value with three states, a version, its clocks and what is still to be told."""

from datetime import datetime

from pydantic import Field

from chalicelib.domain.base import Frozen, Instant
from chalicelib.domain.deadlines import CalendarRegion, Clock
from chalicelib.domain.directory import USABLE
from chalicelib.domain.evidence import Proof
from chalicelib.domain.filing import Contact, RevenueDetails
from chalicelib.domain.history import GENESIS, Act
from chalicelib.domain.ids import association_id
from chalicelib.domain.item import Item, SubscriptionSnapshot
from chalicelib.domain.slot import Contender, Cooldown, Standing
from chalicelib.domain.state_machines import IN_FORCE, OPEN

LOOKUP_VALID_SECONDS = (
    24 * 3600
)  # seconds; an activation rests on a look-up less than 24 h old (domain.md, "The activation rule")
OUTBOX_RETRY_SECONDS = (
    120  # seconds until the sweep looks whether what was to be told has been told
)


class Association(Frozen):
    """The association that a claim has led to; `ordinal` counts them, one that ended is not
    revived.
    """

    ordinal: int = 1
    state: str = "pending"
    since: Instant
    active_since: Instant | None = None
    ended_at: Instant | None = None
    end_reason: str | None = None
    cause: str | None = None
    warnings_sent: tuple[int, ...] = Field(default=(), alias="warned")
    revocation_by: str | None = None


class Address(Frozen):
    """One address a notice went to, by its mail's id. `qualifying`: not chosen by the claimant.
    `ends_at`: when the whole objection period that its delivery begins is over.
    """

    mail_id: str
    qualifying: bool
    state: str = "sent"
    delivered_at: Instant | None = None
    ends_at: Instant | None = None


class Answer(Frozen):
    """The customer's answer. `due_at` outlives its clock: undoing is measured by it. `endorsed`:
    the named contact left an agreement, which decides nothing. `asked_at`: when the question was
    put anew (None: it is the first). `told`: a notice of an earlier round had gone out. `together`:
    the claims that one notice asks about.
    """

    state: str = "not_asked"
    round: int = 0
    asked_at: Instant | None = None
    has_earlier_notice: bool = Field(default=False, alias="told")
    filed_together: tuple[str, ...] = Field(default=(), alias="together")
    addresses: tuple[Address, ...] = ()
    due_at: Instant | None = None
    acted_at: Instant | None = None
    undo_until: Instant | None = None
    by: str | None = None
    endorsed: bool = False

    @property
    def delivered_addresses(self) -> tuple[Address, ...]:
        """The qualifying addresses that were reached and have not been struck out since."""
        return tuple(a for a in self.addresses if a.qualifying and a.state == "delivered")

    @property
    def has_standing_delivery(self) -> bool:
        """Whether the answer still rests on one of those. Silence rests on those only whose whole
        period was over when it was counted: who was reached later has not been silent yet.
        """
        silent = self.state == "not_objected" and self.due_at
        return any(
            not silent or not a.ends_at or a.ends_at <= silent for a in self.delivered_addresses
        )


class Review(Frozen):
    """The reviewers' side. `took_part`: the subs of everybody who decided something here;
    `handled`: of those who had it or took it up, until it was disputed. `due_at`: in their queue
    until somebody decides, overdue or not; None: nobody has to review anything.
    """

    due_at: Instant | None = None
    assignee: str | None = None
    assignee_name: str | None = None
    questions: int = 0
    escalated: bool = False
    deciders: tuple[str, ...] = Field(default=(), alias="took_part")
    handlers: tuple[str, ...] = Field(default=(), alias="handled")


class Task(Frozen):
    """What a person has to do here besides reviewing (tasks.wanted), and by when."""

    kind: str
    due_at: Instant


class Decision(Frozen):
    outcome: str
    codes: tuple[str, ...] = ()
    message: str | None = None
    at: Instant


class Notification(Frozen):
    """Something still to be told. `ref` makes its mails' ids and links: a repeat is the identical
    mail. `by`: the mail through whose link the customer has set what is told of. `changed`: of a
    notice, that it replaces an earlier one.
    """

    kind: str
    to: str
    ref: str
    claims: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()
    message: str | None = None
    round: int = 0
    changed: bool = False
    due_at: Instant | None = None
    address: str | None = None
    grounds: dict[str, str] = {}
    by: str | None = None


class Claim(Frozen):
    """One claim. `version` counts what callers can see (ETag), `rev` counts writes, `seq` and
    `head` the history.

    `task_rev`: the write that last changed the task. `filled_in`: the service found the
    subscription, the partner did not send it and sees it from approval on. `found_addresses`: of
    the customer's, found by reviewers. `renewed`: new subscriptions that drafts were made for.
    `forgotten`: what retention has deleted.
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
    filled_in: bool = False
    catalogue_edition: str
    customer_contact: Contact | None = None
    technical_contact: Contact | None = None
    partner_contact: Contact | None = None
    name: str | None = None
    external_reference: str | None = None
    evidence: tuple[Proof, ...] = ()
    revenue_details: RevenueDetails | None = None
    warnings: tuple[str, ...] = ()

    status: str = "draft"
    status_before_opt_out: str | None = Field(default=None, alias="left")
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
    renewed_subscriptions: tuple[str, ...] = Field(default=(), alias="renewed")
    redacted: tuple[str, ...] = Field(default=(), alias="forgotten")
    contested: bool = False
    findings: tuple[str, ...] = ()

    customer: CalendarRegion = CalendarRegion()
    partner: CalendarRegion = CalendarRegion()
    language: str = "en"
    partner_language: str = "en"
    clocks: tuple[Clock, ...] = ()
    outbox: tuple[Notification, ...] = ()
    outbox_retry: Instant | None = None

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
        return self.status in OPEN

    def is_partner_address(self, address: str) -> bool:
        """Whether somebody of the claimant reads this address, as the programme knows: nobody
        judges their own claim. What the claimant says itself does not count here, else it could
        silence the customer by naming its address.
        """
        return address.lower().rpartition("@")[2] in self.partner_domains

    def is_claimant_address(self, address: str) -> bool:
        """Whether the claimant has named this address, or is behind it."""
        named = (self.customer_contact, self.technical_contact, self.partner_contact)
        return self.is_partner_address(address) or address.lower() in {
            c.email.lower() for c in named if c
        }

    @property
    def has_association_in_force(self) -> bool:
        """Whether its association is official: active, or in grace."""
        return self.association is not None and self.association.state in IN_FORCE

    @property
    def association_id(self) -> str | None:
        return association_id(self.id, self.association.ordinal) if self.association else None

    @property
    def due_at(self) -> datetime | None:
        """When somebody must look at this claim next: the earliest of its clocks and its outbox."""
        times = [c.due_at for c in self.clocks] + (
            [self.outbox_retry] if self.outbox and self.outbox_retry else []
        )
        return min(times, default=None)

    @property
    def standing(self) -> Standing | None:
        """How this claim stands in its item's place; None: not in it."""
        if self.association and self.association.state != "ended":
            return (
                "heir"
                if self.association.state == "pending" and self.association.cause == "heir"
                else "holds"
            )
        if self.status == "awaiting_provisioning":
            return "waiting"
        return "rival" if self.is_open else None

    def to_contender(self) -> Contender | None:
        """This claim as an entry of its item's place."""
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
        return next((c for c in self.clocks if c.kind == kind), None)

    def with_clock(self, *clocks: Clock) -> "Claim":
        """With these clocks running, each in the place of the one of its kind."""
        kinds = {c.kind for c in clocks}
        return self.evolve(clocks=(*(c for c in self.clocks if c.kind not in kinds), *clocks))

    def without_clock(self, *kinds: str) -> "Claim":
        return self.evolve(clocks=tuple(c for c in self.clocks if c.kind not in kinds))

    def has_consent(self) -> bool:
        """The customer agreed, or has not objected on a delivery that still stands."""
        return self.answer.state == "agreed" or (
            self.answer.state == "not_objected" and self.answer.has_standing_delivery
        )

    def has_fresh_lookup(self, now: datetime) -> bool:
        """Whether a look-up less than 24 h old says active or in grace."""
        snapshot = self.snapshot
        return (
            snapshot is not None
            and (now - snapshot.at).total_seconds() < LOOKUP_VALID_SECONDS
            and snapshot.state in USABLE
        )


class Outcome(Frozen):
    """What a step decided: the next value, what happened (in order), and what that means for the
    item's place.
    """

    claim: Claim
    acts: tuple[Act, ...] = ()
    starts_cooldown: Cooldown | None = None
    ends_cooldown: bool = False

    def then(self, further: "Outcome") -> "Outcome":
        """This step and one taken after it, as one."""
        return Outcome(
            claim=further.claim,
            acts=(*self.acts, *further.acts),
            starts_cooldown=further.starts_cooldown or self.starts_cooldown,
            ends_cooldown=further.ends_cooldown or self.ends_cooldown,
        )
