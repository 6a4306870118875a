"""What the programme looks up: anything by one field, a customer, a partner, the reviewers."""

from functools import partial

from chalicelib.usecases import review_lookup
from chalicelib.usecases.display_names import load_display_names
from chalicelib.usecases.lists import PageStart
from chalicelib.usecases.step_context import find_item_name
from chalicelib.web.api import request_models as requests
from chalicelib.web.api.paging import read_start, write_next
from chalicelib.web.api.response_models import lookup as models
from chalicelib.web.api.responses import make_request
from chalicelib.web.api.serializers.lookup import (
    FindItemName,
    serialize_case_row,
    serialize_claim_row,
    serialize_location,
    serialize_partner_row,
    serialize_tenant_row,
)
from chalicelib.web.http.answer import Answer
from chalicelib.web.http.call import Call


def find(call: Call, query: requests.FindQuery) -> Answer[models.Found]:
    """Find by an id, a domain, a name or a reference."""
    found = review_lookup.find(call.services, make_request(call), query.q.strip())
    name_item = _make_namer(call)
    body: models.Found = {
        "claims": [serialize_claim_row(claim, found.names, name_item) for claim in found.claims],
        "arbitrations": [serialize_case_row(case, found.names, name_item) for case in found.cases],
        "tenants": [serialize_tenant_row(tenant) for tenant in found.tenants],
        "partners": [
            {"organisation_id": partner.organisation_id, "name": partner.name}
            for partner in found.partners
        ],
    }
    return Answer(body=body)


def show_tenant(call: Call) -> Answer[models.Customer]:
    """Show a customer; the look is written into the customer's journal."""
    customer = review_lookup.load_customer(
        call.services, make_request(call), call.path["tenant_id"]
    )
    tenant, name_item = customer.tenant, _make_namer(call)
    body: models.Customer = {
        "tenant_id": customer.tenant_id,
        "name": tenant.name if tenant else None,
        "domains": list(tenant.domains) if tenant else [],
        "country": tenant.country if tenant else None,
        "locale": tenant.locale if tenant else None,
        "public_sector": tenant.public_sector if tenant else None,
        "locked": customer.settings.locked,
        "blocked": [
            serialize_partner_row(one, customer.names) for one in customer.settings.blocked
        ],
        "claims": [
            serialize_claim_row(claim, customer.names, name_item) for claim in customer.claims
        ],
    }
    return Answer(body=body)


def show_partner(call: Call, query: requests.PartnerQuery) -> Answer[models.Partner]:
    """Show a partner with a page of its claims."""
    page = PageStart(read_start(call, query), query.limit)
    found = review_lookup.load_partner(
        call.services, make_request(call), call.path["organisation_id"], query.q, page
    )
    partner, name_item = found.partner, _make_namer(call)
    body: models.Partner = {
        "organisation_id": partner.organisation_id,
        "name": partner.name,
        "country": partner.country,
        "time_zone": partner.time_zone,
        "locale": partner.locale,
        "domains": list(partner.domains),
        "locations": [serialize_location(location) for location in partner.location_ids],
        "claims": [serialize_claim_row(claim, found.names, name_item) for claim in found.claims],
        "next": write_next(call, query, found.after),
    }
    return Answer(body=body)


def list_reviewers(call: Call) -> Answer[models.Reviewers]:
    """List the reviewers of the feed, at most a hundred."""
    known = call.services.partners.list_reviewers()
    related = {partner for partners in known.values() for partner in partners}
    names = load_display_names(call.services, [], related)
    data: list[models.Reviewer] = [
        {
            "sub": sub,
            "related_partners": [serialize_partner_row(partner, names) for partner in partners],
        }
        for sub, partners in sorted(known.items())
    ]
    return Answer(body={"data": data})


def _make_namer(call: Call) -> FindItemName:
    return partial(find_item_name, call.services, call.now)
