"""What else is claimed or held on the items, and by whom it may not be claimed again yet."""

from collections.abc import Iterator
from datetime import datetime

from chalicelib.domain.base import rfc3339
from chalicelib.domain.checks.context import AreaAndRole, CheckContext, Findings
from chalicelib.domain.checks.subscriptions import resolve_item
from chalicelib.domain.filing import Filing
from chalicelib.domain.findings import Finding
from chalicelib.domain.slot import Slot


def check_own_claims(
    filing: Filing, aim: AreaAndRole, known: CheckContext, now: datetime
) -> Findings:
    """The partner's own claims on the items, and its cooling-off."""
    organisation = known.partner.organisation_id
    for pointer, name, slot in _iterate_slots(filing, known):
        claimed = slot.find_claim(organisation, aim.role.code) if aim.role else None
        until = slot.find_cooldown_end(organisation, now)
        if claimed:
            yield Finding(
                code="already_claimed",
                pointer=pointer,
                values={"product": name, "claim_id": claimed},
            )
        if until:
            yield Finding(
                code="cooling_off",
                pointer=pointer,
                values={"product": name, "until": rfc3339(until)},
            )


def check_contested(filing: Filing, known: CheckContext) -> Findings:
    """Items that another partner holds or claims.

    Ask only when nothing else fails, and never say who it is.
    """
    for pointer, name, slot in _iterate_slots(filing, known):
        if slot.is_contested_for(known.partner.organisation_id):
            yield Finding(code="contested", pointer=pointer, warning=True, values={"product": name})


def _iterate_slots(filing: Filing, known: CheckContext) -> Iterator[tuple[str, str, Slot]]:
    """The items that have a place, with pointer and proper name."""
    if not known.is_tenant_verified(filing.tenant_id):
        return
    for at, item in enumerate(filing.items[: known.edition.most_items]):
        slot = known.find_slot(resolve_item(item, filing.tenant_id, known))
        if slot:
            yield f"/items/{at}", known.edition.find_name(item.code), slot
