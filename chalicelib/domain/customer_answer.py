"""The customer's answer to a claim, and the addresses that the notice went to."""

from datetime import datetime

from pydantic import Field

from chalicelib.domain.base import Frozen, Instant


class Address(Frozen):
    """One address that a notice went to.

    mail_id: the record of the mail (`MailRecord.id`).
    qualifying: the claimant did not choose the address (domain.md, "The customer's answer").
    source: where the address came from (`mail_records.Source`); empty in older claims.
    state: `sent`, `delivered` or `struck`; it never goes back.
    ends_at: when the whole objection period that starts with its delivery ends.
    """

    mail_id: str
    qualifying: bool
    source: str = ""
    state: str = "sent"
    delivered_at: Instant | None = None
    ends_at: Instant | None = None


class Answer(Frozen):
    """The customer's answer.

    state: see `state_machines.ANSWER`.
    round: how often the customer has been asked; 0: not yet.
    asked_at: when the question was put again; None in the first round.
    has_earlier_notice: whether a notice of an earlier round was sent.
    filed_together: ids of the claims that one notice asks about.
    addresses: where the notice of this round went.
    due_at: the end of the objection period. It is kept after its clock, because the time to undo
        depends on it.
    acted_at: when the customer agreed or opted out.
    undo_until: until when that can be undone.
    undone_at: when an answer was last undone.
    replaced_at: when an objection by tenant link replaced one by claim link.
    by: by which link it was given (`claim link`, `tenant link`), or by the portal.
    was_void: whether the question was closed when the customer opted out (in a dispute); undoing
        the opt-out closes it again.
    has_contact_agreement: whether the named contact agreed, which has no legal effect.
    has_newer_partner_contact: whether the partner named another contact of its own after the
        customer was asked; it takes no power from a contact of the customer.
    form: a hash of the form that was sent last, with its text, to recognise a repeated submission.
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
    undone_at: Instant | None = None
    replaced_at: Instant | None = None
    by: str | None = None
    was_void: bool = False
    has_newer_partner_contact: bool = False
    has_contact_agreement: bool = Field(default=False, alias="endorsed")
    form: str = ""

    def was_changed_since(self, moment: datetime) -> bool:
        """Return whether the customer has answered, or undone an answer, at a moment or later."""
        return any(at is not None and at >= moment for at in (self.acted_at, self.undone_at))

    def was_changed_after(self, moment: datetime) -> bool:
        """Return whether the customer has answered, or undone an answer, later than that moment."""
        return any(at is not None and at > moment for at in (self.acted_at, self.undone_at))

    def is_answered_by(self, form: str, decision: str) -> bool:
        """Return whether this form was recorded already, and its decision is still in effect."""
        stands = {
            "opt_out": self.state == "opted_out",
            "agree": self.state == "agreed" or self.has_contact_agreement,
            "undo": self.state not in ("opted_out", "agreed"),
        }
        return form != "" and self.form == form and stands[decision]

    @property
    def delivered_addresses(self) -> tuple[Address, ...]:
        """The qualifying addresses that were reached and have not been struck out since."""
        return tuple(a for a in self.addresses if a.qualifying and a.state == "delivered")

    @property
    def has_standing_delivery(self) -> bool:
        """Whether the answer still rests on a qualifying delivery.

        Silence rests only on deliveries whose whole objection period was over when the silence was
        counted: an address that was reached later has not been silent for long enough.
        """
        silent_at = self.due_at if self.state == "not_objected" else None
        return any(
            silent_at is None or not a.ends_at or a.ends_at <= silent_at
            for a in self.delivered_addresses
        )
