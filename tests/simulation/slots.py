"""The promises about items: one holder, no rival forgotten, no case left lying."""

from chalicelib.domain.claim import Claim
from tests.simulation.records import Broken, Records

OFFICIAL = ("active", "grace", "paused")


def check(records: Records, item: str) -> None:
    """What the place of an item says is what its claims say, and one partner holds it."""
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
    _superseded(records, claims)


def _superseded(records: Records, claims: list[Claim]) -> None:
    """Nobody loses an item to another partner but by a case that was decided."""
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
    """A claim in arbitration has a case, or a rival whose review decides whether there is one."""
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
