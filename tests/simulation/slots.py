"""The promises about items: one holder, no rival lost, no case forgotten."""

from collections.abc import Sequence

from chalicelib.domain.claim import Claim
from tests.simulation.records import Broken, Changed, Records

OFFICIAL = ("active", "grace", "paused")


def check(records: Records, item: str) -> None:
    """Check that an item's slot agrees with its claims, and that one partner at most holds it."""
    claims = [records.claims[one] for one in sorted(records.items[item])]
    slot = records.slots.get(item)
    contenders = {c.id: c.to_contender() for c in claims if c.standing}
    there = {e.claim_id: e for e in slot.contenders} if slot else {}
    if there != contenders:
        raise Broken(
            f"the slot of {item} and its claims differ:\n    slot: {there}\n"
            f"    claims: {contenders}"
        )
    holders = {c.organisation_id for c in claims if c.standing == "holds"}
    if (
        len(holders) > 1
        or len(
            {c.organisation_id for c in claims if c.association and c.association.state in OFFICIAL}
        )
        > 1
    ):
        raise Broken(f"two partners hold {item}: {sorted(holders)}")
    roles = [(c.organisation_id, c.partner_role) for c in claims if c.standing]
    if len(set(roles)) != len(roles):
        raise Broken(f"one partner claims {item} twice in one role: {roles}")
    _waiting(records, item)
    _check_superseded(records, claims)


def _check_superseded(records: Records, claims: list[Claim]) -> None:
    """Check that no partner loses an item to another except by a decided case."""
    decided = {
        one
        for case in records.cases.values()
        if case.state == "decided"
        for party in case.parties
        for one in party.claim_ids
    }
    for claim in claims:
        if (
            claim.association
            and claim.association.end_reason == "superseded"
            and claim.id not in decided
        ):
            raise Broken(f"{claim.id} was superseded, and no case was decided about it")


def _waiting(records: Records, item: str) -> None:
    """Check that a claim in arbitration has a case, or a rival whose review decides whether there
    is one.
    """
    slot = records.slots.get(item)
    for claim in (records.claims[one] for one in sorted(records.items[item])):
        if claim.status != "in_arbitration" or slot is None or slot.pending_settlement_since:
            continue
        case = records.cases.get(slot.case_id or "")
        if (
            case
            and case.state == "open"
            and any(claim.id in p.claim_ids for p in case.active_parties)
        ):
            continue
        rivals = [
            e
            for e in slot.list_competitors(claim.organisation_id)
            if not e.proven and e.standing == "rival"
        ]
        if (
            slot.case_id is not None
            or not rivals
            or slot.holder not in (None, claim.organisation_id)
        ):
            raise Broken(
                f"{claim.id} is in arbitration, and nothing will ever come of it: "
                f"case {slot.case_id}, slot {slot.contenders}"
            )


def check_superseded(write: Sequence[Changed]) -> None:
    """Check that an incumbent loses the item in the write in which the winner's association becomes
    official.
    """
    official = {c.after.organisation_id for c in write if "association.activated" in c.acts}
    for change in write:
        made, before = change.after.association, change.before and change.before.association
        is_new = made is not None and (before is None or before.end_reason != made.end_reason)
        is_lost = made is not None and is_new and made.end_reason == "superseded"
        if is_lost and not official - {change.after.organisation_id}:
            raise Broken(f"{change.after.id} lost the item without a new holder, by {change.by}")


class OptOuts:
    """What the slot was like when a customer opted out; an undo is checked against it.

    others: by claim, the standing of the other partners' claims on its item.

    heirs: the claims that had won a case against an incumbent.
    """

    def __init__(self, records: Records) -> None:
        self.records = records
        self.others: dict[str, dict[str, str]] = {}
        self.heirs: set[str] = set()

    def check(self, write: Sequence[Changed]) -> None:
        for change in write:
            if change.before and "customer.opted_out" in change.acts:
                self._learn(change.before, change.after)
            elif change.before and "customer.undone" in change.acts:
                self._undone(change.before, change)

    def _learn(self, before: Claim, after: Claim) -> None:
        if before.answer.state == "opted_out":
            return  # another objection replaces the first
        self.others[after.id] = self._rivals(after)
        self.heirs.discard(after.id)
        if before.standing == "heir":
            self.heirs.add(after.id)

    def _rivals(self, claim: Claim) -> dict[str, str]:
        here = (self.records.claims[one] for one in self.records.items[self.records.item_of(claim)])
        return {
            c.id: c.standing
            for c in here
            if c.organisation_id != claim.organisation_id and c.standing
        }

    def _undone(self, before: Claim, change: Changed) -> None:
        """Check that a claim is restored, as an heir if an incumbent still holds the item, unless
        it was taken.
        """
        after, then = change.after, self.others.get(change.after.id, {})
        if before.answer.state != "opted_out" or before.status_before_opt_out != "approved":
            return
        rivals = self._rivals(after)
        is_heir = after.id in self.heirs
        kept = {
            one for one, standing in rivals.items() if (standing, then.get(one)) == ("holds",) * 2
        }
        holders = {one for one, standing in rivals.items() if standing in ("holds", "heir")}
        is_taken = bool(rivals.keys() - then.keys() or holders - (kept if is_heir else set()))
        made = after.association
        back = ("under_review", False) if is_taken else ("approved", bool(kept))
        actual = (after.status, after.standing == "heir")
        if actual != back or (not is_taken and (made is None or made.state == "ended")):
            raise Broken(f"an opt-out was undone to {actual} instead of {back}: {after.id}")
