"""The figures of an association: seats and usage by month."""

from dataclasses import dataclass

from chalicelib.domain.figures import Figures
from chalicelib.domain.ids import tenant_key
from chalicelib.domain.refusals import Forbidden
from chalicelib.domain.state_machines import IN_FORCE
from chalicelib.ports import Services
from chalicelib.usecases.access_journal import Lookup, record_reading
from chalicelib.usecases.partner import load_association
from chalicelib.usecases.request import Request


@dataclass(frozen=True)
class ReadFigures:
    """Read an association's figures.

    Attributes:
        association_id: the association.
        what: `seats` or `usage`, for the customer's journal.
        first: the first month, as YYYY-MM.
        last: the last month, as YYYY-MM.
    """

    association_id: str
    what: str
    first: str
    last: str


def read_figures(services: Services, request: Request, command: ReadFigures) -> tuple[Figures, ...]:
    """Read an item's figures by month, while the partner's association is in force.

    The reading appears in the customer's journal. Access ends with the write that ends the
    association: the claim is read before the figures, and consistently.
    """
    claim = load_association(services, request.caller, command.association_id)
    if not claim.association or claim.association.state not in IN_FORCE:
        raise Forbidden("association_not_active")
    record_reading(services, request, Lookup(claim.tenant_id, command.what, (claim.item,)))
    return services.store.tenants.list_figures(
        tenant_key(claim.tenant_id), claim.item.name, command.first, command.last
    )
