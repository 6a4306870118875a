"""The slot of an item: the partners that claim it, hold it, or must wait to claim it again.

There is one row per item, written in the same transaction as every claim that enters or leaves it.
So the promise "one partner at a time" is a condition on one row, also under concurrent requests.
A held claim has no entry (domain.md, "Waiting for provisioning"): it may be for a subscription that
does not exist, and the customer's page reads every slot.
"""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from chalicelib.domain.base import Frozen, Instant
from chalicelib.domain.item import Item

# `rival`: an open claim. `holds`: its association is pending, active, in grace or paused. `heir`:
# it won a case against a holder that keeps the item until the heir's association is active.
Standing = Literal["rival", "holds", "heir"]


class Contender(Frozen):
    """A claim in its item's slot. `proven`: a reviewer found its proof in order."""

    claim_id: str
    organisation_id: str
    partner_role: str
    standing: Standing
    proven: bool = False


class Cooldown(Frozen):
    """A cooling-off period of one partner.

    until: until when the partner may not claim the item again.
    because: the code of the cause.
    claim_id: the claim that caused it; '' in rows of the first version, which kept one per partner.
    is_lifted: whether the customer has allowed the partner to claim again earlier. It is kept,
        because the claim's objection can still be undone.
    """

    organisation_id: str
    until: Instant
    because: str
    claim_id: str = ""
    is_lifted: bool = False


class Window(Frozen):
    """When a party of a case may submit statements.

    has_answered: whether it has said what it was asked for; it may still add to that.
    """

    organisation_id: str
    since: Instant
    until: Instant
    has_answered: bool = False


class CaseSchedule(Frozen):
    """The times of an open case, for its claims to show."""

    opened_at: Instant
    decision_due_at: Instant
    windows: tuple[Window, ...] = ()

    def find_window(self, organisation_id: str) -> Window | None:
        """Return the window of a party."""
        return next((w for w in self.windows if w.organisation_id == organisation_id), None)


def _drop_held(contenders: Any) -> Any:
    """Drop the entries of held claims (`waiting`), which rows of earlier versions have."""
    return [
        one for one in contenders if not (isinstance(one, dict) and one["standing"] == "waiting")
    ]


class Slot(Frozen):
    """The claims and cool-downs of one item.

    cooldowns: the cooling-off periods; those that are over go when the next one begins.
    case_id, case_schedule: the case of arbitration about the item, if there is one.
    pending_settlement_since: when it last changed in a way that may affect a case; None: nothing is
        to be settled.
    rev: counts writes; 0: not stored yet.
    """

    tenant_id: str
    item: Item
    contenders: Annotated[tuple[Contender, ...], BeforeValidator(_drop_held)] = Field(
        default=(), alias="entrants"
    )
    cooldowns: tuple[Cooldown, ...] = Field(default=(), alias="cooling")
    case_id: str | None = None
    case_schedule: CaseSchedule | None = Field(default=None, alias="hearing")
    pending_settlement_since: Instant | None = Field(default=None, alias="unsettled_at")
    rev: int = 0

    @property
    def may_need_case(self) -> bool:
        """Whether a change of the slot may open, change or end a case."""
        return self.case_id is not None or any(e.proven for e in self.contenders)

    @property
    def holder(self) -> str | None:
        """The organisation that holds the item, if any."""
        return next((e.organisation_id for e in self.contenders if e.standing == "holds"), None)

    def list_standing(self, now: datetime) -> frozenset[str]:
        """List the claims that are open or live, or that ended with a cool-down that still runs."""
        standing = {e.claim_id for e in self.contenders}
        cooling = {c.claim_id for c in self.cooldowns if c.claim_id and c.until > now}
        return frozenset(standing | cooling)

    def list_competitors(self, organisation_id: str) -> tuple[Contender, ...]:
        """Return other partners' claims and associations that count: rivals, a holder, an heir."""
        return tuple(e for e in self.contenders if e.organisation_id != organisation_id)

    def is_contested_for(self, organisation_id: str) -> bool:
        """Return whether another partner holds or claims the item."""
        return bool(self.list_competitors(organisation_id))

    def is_conflict(self, claim_id: str, organisation_id: str, related: frozenset[str]) -> bool:
        """Return whether a person who is related to these organisations may not handle a claim.

        That is so for their claims, and for those that compete with theirs for the item.
        """
        if organisation_id in related:
            return True
        rivals = {
            competitor.organisation_id for competitor in self.list_competitors(organisation_id)
        }
        return self.find_contender(claim_id) is not None and bool(rivals & related)

    def find_claim(self, organisation_id: str, partner_role: str) -> str | None:
        """Return the id of the claim by which this partner claims or holds the item in a role."""
        mine = (organisation_id, partner_role)
        return next(
            (e.claim_id for e in self.contenders if (e.organisation_id, e.partner_role) == mine),
            None,
        )

    def has_other_claim(self, organisation_id: str, partner_role: str, claim_id: str) -> bool:
        """Return whether this partner claims or holds the item in a role by another claim."""
        mine = (organisation_id, partner_role)
        return any(
            (e.organisation_id, e.partner_role) == mine and e.claim_id != claim_id
            for e in self.contenders
        )

    def find_contender(self, claim_id: str) -> Contender | None:
        """Return the entry of a claim."""
        return next((e for e in self.contenders if e.claim_id == claim_id), None)

    def find_cooldown_end(self, organisation_id: str, now: datetime) -> datetime | None:
        """Return until when this partner must wait; None when it may claim now."""
        untils = [
            c.until
            for c in self.cooldowns
            if c.organisation_id == organisation_id and c.until > now and not c.is_lifted
        ]
        return max(untils, default=None)

    def with_contender(self, contender: Contender | None, claim_id: str) -> "Slot":
        """Return the slot with this claim's entry replaced, or removed when None."""
        others = tuple(e for e in self.contenders if e.claim_id != claim_id)
        return self.evolve(contenders=(*others, contender) if contender else others)

    def without_past_cooldowns(self, now: datetime) -> "Slot":
        """Return the slot without the cooling-off periods that are over."""
        return self.evolve(cooldowns=tuple(c for c in self.cooldowns if c.until > now))

    def with_cooldown(self, added: Cooldown) -> "Slot":
        """Return the slot with one more cooling-off period.

        It neither shortens nor replaces one of another claim or another cause.
        """
        same = (added.organisation_id, added.claim_id, added.because)
        others = tuple(
            c for c in self.cooldowns if (c.organisation_id, c.claim_id, c.because) != same
        )
        return self.evolve(cooldowns=(*others, added))

    def without_cooldown(self, organisation_id: str, because: str, claim_id: str) -> "Slot":
        """Return the slot without the cooling-off period that a claim of this partner caused."""

        def is_ended(c: Cooldown) -> bool:
            mine = c.organisation_id == organisation_id and c.because == because
            return mine and c.claim_id in ("", claim_id)

        return self.evolve(cooldowns=tuple(c for c in self.cooldowns if not is_ended(c)))

    def with_lifted_cooldowns(self, organisation_id: str) -> "Slot":
        """Return the slot with all of this partner's cooling-off periods lifted."""
        return self.evolve(
            cooldowns=tuple(
                c.evolve(is_lifted=True) if c.organisation_id == organisation_id else c
                for c in self.cooldowns
            )
        )
