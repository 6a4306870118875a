"""Read cases of arbitration, as a party or for the programme."""

from collections.abc import Iterable

from chalicelib.domain.arbitration import Arbitration
from chalicelib.domain.refusals import Forbidden, NotFound
from chalicelib.domain.slot import Slot
from chalicelib.ports import Services
from chalicelib.usecases.callers import Caller
from chalicelib.usecases.settlement import PROGRAMME


def load_case(services: Services, caller: Caller, case_id: str) -> Arbitration:
    """Load a case, for a party of it or for the programme.

    Raises NotFound, and Forbidden for somebody of the programme who is related to a party.
    """
    case, related = services.run_parallel(
        lambda: services.store.arbitrations.get(case_id),
        frozenset if caller.organisation_id else lambda: services.partners.related(caller.sub),
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
        frozenset if caller.organisation_id else lambda: services.partners.related(caller.sub),
    )
    return tuple(case for case in cases if not case.is_conflict(related)), last


def load_slots(services: Services, caller: Caller, cases: Iterable[Arbitration]) -> dict[str, Slot]:
    """Load the slots of the cases, by case id, in which the caller's organisation lost an item.

    They tell whether it still keeps the item.
    """
    wanted = {
        case.id: (case.tenant_id, case.item)
        for case in cases
        if case.decision and (party := case.find_party(caller.organisation_id)) and party.incumbent
    }
    slots = services.store.slots.get_many(list(wanted.values()))
    keys = {case_id: (tenant_id, item.name) for case_id, (tenant_id, item) in wanted.items()}
    return {case_id: slots[key] for case_id, key in keys.items() if key in slots}
