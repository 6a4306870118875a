"""The customers that an organisation has filed for."""

from chalicelib.web.api.response_models.base import Shape, Timestamp
from chalicelib.web.api.response_models.claims import Person


class KnownCustomer(Shape):
    tenant_id: str
    domain: str
    customer_name: str | None
    location_id: str | None
    solution_area: str
    partner_role: str
    customer_contact: Person | None
    technical_contact: Person | None
    partner_contact: Person | None
    claims: int
    last_filed_at: Timestamp


class KnownCustomers(Shape):
    data: list[KnownCustomer]
    next: str | None
