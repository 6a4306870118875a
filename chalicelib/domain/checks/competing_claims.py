"""Check what else is claimed or held on the items, and cooling-off periods."""

from collections.abc import Iterator
from datetime import datetime

from chalicelib.domain.base import rfc3339
from chalicelib.domain.checks.context import AreaAndRole, CheckContext, Findings
from chalicelib.domain.checks.subscriptions import resolve_item
from chalicelib.domain.filing import Filing
from chalicelib.domain.findings import Finding
from chalicelib.domain.slot import Slot


def check_own_claims(
    filing: Filing, selected: AreaAndRole, context: CheckContext, now: datetime
) -> Findings:
    """Check the partner's own claims on the items, and its cooling-off periods."""
    organisation = context.partner.organisation_id
    for pointer, name, slot in _iterate_slots(filing, context):
        claimed = slot.find_claim(organisation, selected.role.code) if selected.role else None
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


def check_contested(filing: Filing, context: CheckContext) -> Findings:
    """Find items that another partner holds or claims.

    Call it only when nothing else fails. A finding never names the other partner.
    """
    for pointer, name, slot in _iterate_slots(filing, context):
        if slot.is_contested_for(context.partner.organisation_id):
            yield Finding(code="contested", pointer=pointer, warning=True, values={"product": name})


def _iterate_slots(filing: Filing, context: CheckContext) -> Iterator[tuple[str, str, Slot]]:
    """Iterate over the items that have a slot, as (pointer, proper name, slot)."""
    if not context.is_tenant_verified(filing.tenant_id):
        return
    for at, item in enumerate(filing.items[: context.edition.most_items]):
        slot = context.find_slot(resolve_item(item, filing.tenant_id, context))
        if slot:
            yield f"/items/{at}", context.edition.find_name(item.code), slot
