"""What else is claimed or held on the items, and by whom it may not be claimed again yet."""

from collections.abc import Iterator
from datetime import datetime

from chalicelib.domain.base import rfc3339
from chalicelib.domain.checks.context import Aim, Findings, Known
from chalicelib.domain.checks.subscriptions import resolve
from chalicelib.domain.filing import Filing
from chalicelib.domain.findings import Finding
from chalicelib.domain.slot import Slot


def standing(filing: Filing, aim: Aim, known: Known, now: datetime) -> Findings:
    """The partner's own claims on the items, and its cooling-off."""
    organisation = known.partner.organisation_id
    for pointer, name, slot in _places(filing, known):
        claimed = slot.claimed_by(organisation, aim.role.code) if aim.role else None
        until = slot.cooling_until(organisation, now)
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


def contested(filing: Filing, known: Known) -> Findings:
    """Items that another partner holds or claims.

    Ask only when nothing else fails, and never say who it is.
    """
    for pointer, name, slot in _places(filing, known):
        if slot.contested_for(known.partner.organisation_id):
            yield Finding(code="contested", pointer=pointer, warning=True, values={"product": name})


def _places(filing: Filing, known: Known) -> Iterator[tuple[str, str, Slot]]:
    """The items that have a place, with pointer and proper name."""
    if not known.belongs(filing.tenant_id):
        return
    for at, item in enumerate(filing.items[: known.edition.most_items]):
        slot = known.slot(resolve(item, filing.tenant_id, known))
        if slot:
            yield f"/items/{at}", known.edition.name_of(item.code), slot
