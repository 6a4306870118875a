"""The customers that the caller's organisation has filed for."""

from chalicelib.domain.base import rfc3339
from chalicelib.usecases import customers
from chalicelib.web.api import request_models as requests
from chalicelib.web.api.paging import read_start, write_next
from chalicelib.web.api.response_models import customers as models
from chalicelib.web.api.responses import require_caller
from chalicelib.web.api.serializers.claims import serialize_contact
from chalicelib.web.http.answer import Answer
from chalicelib.web.http.call import Call


def list_customers(call: Call, query: requests.Page) -> Answer[models.KnownCustomers]:
    found, last = customers.list_customers(
        call.services, require_caller(call), read_start(call, query), query.limit
    )
    data = [_serialize(one) for one in found]
    return Answer(body={"data": data, "next": write_next(call, query, last)})


def _serialize(customer: customers.KnownCustomer) -> models.KnownCustomer:
    claim = customer.last
    return {
        "tenant_id": claim.tenant_id,
        "domain": claim.domain,
        "customer_name": customer.name or None,
        "location_id": claim.location_id,
        "solution_area": claim.solution_area,
        "partner_role": claim.partner_role,
        "customer_contact": serialize_contact(customer.find_contact("customer_contact")),
        "technical_contact": serialize_contact(customer.find_contact("technical_contact")),
        "partner_contact": serialize_contact(customer.find_contact("partner_contact")),
        "claims": len(customer.claims),
        "last_filed_at": rfc3339(claim.created_at),
    }
