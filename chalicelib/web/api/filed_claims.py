"""What partners do with a whole filing afterwards: read it, and submit its drafts.

A module of its own: filing needs none of what submitting a draft imports.
"""

from chalicelib.usecases import provisioning
from chalicelib.usecases.step_context import make_step_context
from chalicelib.web.api import request_models as requests
from chalicelib.web.api.response_models import filings as models
from chalicelib.web.api.responses import (
    make_claim_serializer,
    make_request,
    name_customers,
    render_claim,
    require_caller,
)
from chalicelib.web.http.answer import Answer
from chalicelib.web.http.call import Call


def show_filing(call: Call) -> Answer[models.Filed]:
    """Show the claims of one filing of the caller's organisation."""
    return Answer(body=_serialize_filing(call))


def submit_filing(call: Call, body: requests.Nothing) -> Answer[models.Filed]:
    """Submit every draft of a filing, in their order. The first that is refused ends it."""
    render = render_claim(call)
    filed = provisioning.list_filing(call.services, require_caller(call), call.path["filing_id"])
    provisioning.submit_drafts(call.services, make_request(call), filed, render)
    return Answer(body=_serialize_filing(call))


def _serialize_filing(call: Call) -> models.Filed:
    filing_id = call.path["filing_id"]
    filed = provisioning.list_filing(call.services, require_caller(call), filing_id)
    serialize, ctx = make_claim_serializer(call), make_step_context(call.services, call.now)
    claims = [
        serialize(claim, slot, ctx.apply_edition(claim.catalogue_edition)) for claim, slot in filed
    ]
    return {"filing_id": filing_id, "claims": name_customers(call, claims)}
