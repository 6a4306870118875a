"""The place of an item: who claims it, who holds it, who may not claim it again yet.

One row per item, written in the same transaction as every claim that enters or leaves it. That
makes the promise "one partner at a time" a condition on one row, whatever happens at the same
moment.
"""

from datetime import datetime
from typing import Literal

from pydantic import Field

from chalicelib.domain.base import Frozen, Instant
from chalicelib.domain.item import Item

Standing = Literal["waiting", "rival", "holds", "heir"]


class Contender(Frozen):
    """A claim in its item's place. `waiting`: held until provisioned, takes no place; `rival`:
    open; `holds`: its association is pending, active, in grace or paused; `heir`: won against a
    holder that keeps the item until then.
    """

    claim_id: str
    organisation_id: str
    partner_role: str
    standing: Standing
    proven: bool = False


class Cooldown(Frozen):
    """Until when a partner may not claim this item again, and why. `claim_id`: what happened to
    which claim ('': one of the first version, which kept one for each partner).
    """

    organisation_id: str
    until: Instant
    because: str
    claim_id: str = ""


class Window(Frozen):
    """In which time a party of a case may speak."""

    organisation_id: str
    since: Instant
    until: Instant


class CaseSchedule(Frozen):
    """The times of an open case, for its claims to show: each party's window, and when it is to be
    decided.
    """

    opened_at: Instant
    decision_due_at: Instant
    windows: tuple[Window, ...] = ()

    def find_window(self, organisation_id: str) -> Window | None:
        return next((w for w in self.windows if w.organisation_id == organisation_id), None)


class Slot(Frozen):
    """Everything that competes for one item. `rev` counts writes; 0: not stored yet. `hearing`: of
    the case `case_id`.

    `pending_settlement_since`: since when it has changed in a way that a case may follow from; None: nothing to
    settle.
    """

    tenant_id: str
    item: Item
    contenders: tuple[Contender, ...] = Field(default=(), alias="entrants")
    cooldowns: tuple[Cooldown, ...] = Field(default=(), alias="cooling")
    case_id: str | None = None
    case_schedule: CaseSchedule | None = Field(default=None, alias="hearing")
    pending_settlement_since: Instant | None = Field(default=None, alias="unsettled_at")
    rev: int = 0

    def list_competitors(self, organisation_id: str) -> tuple[Contender, ...]:
        """Other partners' claims and associations that count: rivals, the holder, an heir."""
        return tuple(
            e
            for e in self.contenders
            if e.organisation_id != organisation_id and e.standing != "waiting"
        )

    def is_contested_for(self, organisation_id: str) -> bool:
        """Whether another partner holds or claims the item."""
        return bool(self.list_competitors(organisation_id))

    @property
    def may_need_case(self) -> bool:
        """Whether a change of this place may open, change or end a case: there is one, or somebody
        has proof.
        """
        return self.case_id is not None or any(e.proven for e in self.contenders)

    @property
    def holder(self) -> str | None:
        """The organisation that holds the item, if any."""
        return next((e.organisation_id for e in self.contenders if e.standing == "holds"), None)

    def find_claim(self, organisation_id: str, partner_role: str) -> str | None:
        """The claim by which this partner already claims or holds the item in this role."""
        mine = (
            e
            for e in self.contenders
            if e.organisation_id == organisation_id and e.partner_role == partner_role
        )
        return next((e.claim_id for e in mine), None)

    def find_contender(self, claim_id: str) -> Contender | None:
        """The entry of a claim, if it is in it."""
        return next((e for e in self.contenders if e.claim_id == claim_id), None)

    def has_other_claim(self, organisation_id: str, partner_role: str, claim_id: str) -> bool:
        """Whether this partner claims or holds the item in this role by another claim."""
        return any(
            (e.organisation_id, e.partner_role) == (organisation_id, partner_role)
            and e.claim_id != claim_id
            for e in self.contenders
        )

    def find_cooldown_end(self, organisation_id: str, now: datetime) -> datetime | None:
        """Until when this partner must wait; None when it may claim now."""
        untils = [
            c.until
            for c in self.cooldowns
            if c.organisation_id == organisation_id and c.until > now
        ]
        return max(untils, default=None)

    def with_contender(self, contender: Contender | None, claim_id: str) -> "Slot":
        """With this claim's entry replaced, or removed when None."""
        others = tuple(e for e in self.contenders if e.claim_id != claim_id)
        return self.evolve(contenders=(*others, contender) if contender else others)

    def with_cooldown(self, off: Cooldown) -> "Slot":
        """With one more cooling-off: it neither shortens nor replaces what another claim, or
        another cause, has brought.
        """
        same = (off.organisation_id, off.claim_id, off.because)
        return self.evolve(
            cooldowns=(
                *(c for c in self.cooldowns if (c.organisation_id, c.claim_id, c.because) != same),
                off,
            )
        )

    def without_cooldown(
        self, organisation_id: str, because: str = "", claim_id: str = ""
    ) -> "Slot":
        """Without this partner's cooling-off: all of it, or what this claim has brought for this
        cause.
        """

        def kept(c: Cooldown) -> bool:
            brought = not because or (c.because == because and c.claim_id in ("", claim_id))
            return c.organisation_id != organisation_id or not brought

        return self.evolve(cooldowns=tuple(filter(kept, self.cooldowns)))
