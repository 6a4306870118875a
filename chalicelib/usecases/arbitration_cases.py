"""Read cases of arbitration, as a party or for the programme."""

from collections.abc import Iterable

from chalicelib.domain.arbitration import PROGRAMME, Arbitration
from chalicelib.domain.ids import parse_claim_id
from chalicelib.domain.refusals import Forbidden, NotFound
from chalicelib.domain.slot import Slot
from chalicelib.ports import Services
from chalicelib.usecases.callers import Caller


def load_case(services: Services, caller: Caller, case_id: str) -> Arbitration:
    """Load a case, for a party of it or for the programme.

    Raises NotFound, and Forbidden for a reviewer who is related to a party.
    """
    case, related = services.run_parallel(
        lambda: services.store.arbitrations.get(case_id),
        frozenset
        if caller.organisation_id
        else lambda: services.partners.find_related_partners(caller.sub),
    )
    if case is None or (caller.organisation_id and not case.find_party(caller.organisation_id)):
        raise NotFound()
    if case.is_conflict(related):
        raise Forbidden("conflict_of_interest")
    found: Arbitration = case
    return found


def list_cases(
    services: Services, caller: Caller, start: str | None, limit: int
) -> tuple[tuple[Arbitration, ...], str | None]:
    """List the caller's own cases, or the programme's without those of related partners."""
    owner = caller.organisation_id or PROGRAMME
    (cases, last), related = services.run_parallel(
        lambda: services.store.arbitrations.list_of(owner, start, limit),
        frozenset
        if caller.organisation_id
        else lambda: services.partners.find_related_partners(caller.sub),
    )
    return tuple(case for case in cases if not case.is_conflict(related)), last


def list_cases_of_claim(
    services: Services, caller: Caller, claim_id: str
) -> tuple[Arbitration, ...]:
    """List those of the caller's cases that a claim is a party of, newest first."""
    item = parse_claim_id(claim_id)
    if item is None:
        return ()
    records, related = services.run_parallel(
        lambda: services.store.tenants.list_cases(item.tenant),
        frozenset
        if caller.organisation_id
        else lambda: services.partners.find_related_partners(caller.sub),
    )
    owner = caller.organisation_id
    cases = [
        record
        for record in records
        if any(claim_id in party.claim_ids for party in record.parties)
        and not record.is_conflict(related)
        and (owner is None or _is_party(record, owner, claim_id))
    ]
    return tuple(sorted(cases, key=lambda case: case.id, reverse=True))


def _is_party(case: Arbitration, organisation_id: str, claim_id: str) -> bool:
    own = case.find_party(organisation_id)
    return own is not None and claim_id in own.claim_ids


def load_slots(services: Services, caller: Caller, cases: Iterable[Arbitration]) -> dict[str, Slot]:
    """Load the slots of the cases, by case id, in which the caller's organisation lost an item.

    They show whether it still keeps the item.
    """
    wanted = {
        case.id: (case.tenant_id, case.item)
        for case in cases
        if case.decision and (party := case.find_party(caller.organisation_id)) and party.incumbent
    }
    slots = services.store.slots.get_many(list(wanted.values()))
    keys = {case_id: (tenant_id, item.name) for case_id, (tenant_id, item) in wanted.items()}
    return {case_id: slots[key] for case_id, key in keys.items() if key in slots}
