"""A partner's own claims: lists, one claim, what is done to it, and what is said about it."""

from pydantic_core import from_json, to_json

from chalicelib.domain.claim import Claim
from chalicelib.domain.history import Comment
from chalicelib.domain.ids import parse_claim_id
from chalicelib.text.cleaning import clean_line
from chalicelib.usecases import amendments, comments, lists, partner, provisioning
from chalicelib.usecases.bundles import sign_bundle
from chalicelib.usecases.idempotency import StoredResponse
from chalicelib.usecases.review_case import load_readable
from chalicelib.usecases.step_context import make_step_context
from chalicelib.web.api import request_models as requests
from chalicelib.web.api.filters import require_item_code
from chalicelib.web.api.paging import read_start, take_part, write_next
from chalicelib.web.api.response_models import claims as models
from chalicelib.web.api.response_models import history
from chalicelib.web.api.responses import (
    make_claim_serializer,
    make_request,
    name_customers,
    render_claim,
    require_caller,
    send_response,
    store_response,
)
from chalicelib.web.api.serializers.claims import add_customer_names
from chalicelib.web.api.serializers.history import (
    serialize_bundle,
    serialize_comment,
    serialize_history_row,
)
from chalicelib.web.http.answer import Answer
from chalicelib.web.http.call import Call


def list_claims(call: Call, query: requests.ClaimsQuery) -> Answer[models.Claims]:
    require_item_code(call, query.product)
    wanted = lists.ClaimFilter(
        status=query.status,
        tenant_id=query.tenant_id,
        product=query.product,
        filing_id=query.filing_id,
        updated_since=query.updated_since,
        q=query.q,
    )
    caller, start = require_caller(call), read_start(call, query)
    if query.sort == "newest":
        found, last = lists.list_claims(call.services, caller, wanted, start, query.limit)
    else:
        page = lists.PageStart(start, query.limit)
        found, last = lists.list_sorted_claims(call.services, caller, wanted, query.sort, page)
    serialize, ctx = make_claim_serializer(call), make_step_context(call.services, call.now)
    data = [
        serialize(claim, slot, ctx.apply_edition(claim.catalogue_edition)) for claim, slot in found
    ]
    return Answer(body={"data": name_customers(call, data), "next": write_next(call, query, last)})


def show_claim(call: Call) -> Answer[models.Claim]:
    """Show a claim; the customer's name is read in the same round trip."""
    services, caller, claim_id = call.services, require_caller(call), call.path["claim_id"]
    keys = parse_claim_id(claim_id)
    found, tenant = services.run_parallel(
        lambda: partner.load_own_case(services, caller, claim_id),
        lambda: services.directory.tenant(keys.tenant) if keys else None,
    )
    names = {tenant.tenant_id: clean_line(tenant.name)} if tenant and tenant.name else {}
    body = add_customer_names([_serialize(call, found)], names)[0]
    return Answer(body=body, etag=found.claim.etag)


def amend_claim(call: Call, body: requests.Amendment) -> Answer[models.Claim]:
    """Change the members that were sent; a member that is null is removed (RFC 7396)."""
    sent = {name: getattr(body, name) for name in body.model_fields_set - {"reason"}}
    command = amendments.Amend(call.path["claim_id"], sent, body.reason)
    return send_response(
        amendments.amend(call.services, make_request(call), command, render_claim(call))
    )


def submit_claim(call: Call, body: requests.Nothing) -> Answer[models.Claim]:
    claim_id, render = call.path["claim_id"], render_claim(call)
    return send_response(provisioning.submit(call.services, make_request(call), claim_id, render))


def withdraw_claim(call: Call, body: requests.Reason) -> Answer[models.Claim]:
    command = partner.Withdraw(call.path["claim_id"], body.reason)
    return send_response(
        partner.withdraw(call.services, make_request(call), command, render_claim(call))
    )


def respond_to_question(call: Call, body: requests.Response) -> Answer[models.Claim]:
    command = partner.Respond(call.path["claim_id"], body.message, body.evidence)
    return send_response(
        partner.respond(call.services, make_request(call), command, render_claim(call))
    )


def dispute_decision(call: Call, body: requests.Dispute) -> Answer[models.Claim]:
    command = partner.Dispute(call.path["claim_id"], body.reason, body.evidence)
    return send_response(
        partner.dispute(call.services, make_request(call), command, render_claim(call))
    )


def show_bundle(call: Call) -> Answer[history.Bundle]:
    found, store = _open_readable(call), call.services.store
    rows, thread = call.services.run_parallel(
        lambda: store.history.list_entries(found.claim.id, found.claim.head),
        lambda: store.history.list_comments(found.claim.id),
    )
    shown = _serialize(call, found)
    bundle = serialize_bundle(found.claim, shown, rows, thread, call.now)
    signature = sign_bundle(call.services, from_json(to_json(bundle)))
    return Answer(body={**bundle, "signature": signature})


def list_comments(call: Call, query: requests.Page) -> Answer[history.Comments]:
    claim, start = _open_claim(call), read_start(call, query)
    thread, last = comments.list_thread(call.services, claim.id, start, query.limit)
    data = [serialize_comment(comment) for comment in thread]
    return Answer(body={"data": data, "next": write_next(call, query, last)})


def add_comment(call: Call, body: requests.CommentBody) -> Answer[history.Comment]:
    def respond(comment: Comment) -> StoredResponse:
        return store_response(serialize_comment(comment), 201)

    command = comments.AddComment(call.path["claim_id"], body.text)
    return send_response(
        comments.add_partner_comment(call.services, make_request(call), command, respond)
    )


def list_history(call: Call, query: requests.WholeList) -> Answer[history.History]:
    claim = _open_claim(call)
    rows = call.services.store.history.list_entries(claim.id, claim.head)
    part, following = take_part(call, query, rows, lambda row: f"{row.seq:09}")
    return Answer(body={"data": [serialize_history_row(row) for row in part], "next": following})


def _open_claim(call: Call) -> Claim:
    """Read the caller's claim that the path names. Raises NotFound."""
    return partner.load_own_claim(call.services, require_caller(call), call.path["claim_id"])


def _open_readable(call: Call) -> partner.OwnCase:
    """Read a claim of the caller's own, or any for a person of the programme.

    Raises NotFound, and Forbidden for a reviewer who is related to the partner or to a rival.
    """
    caller, claim_id = require_caller(call), call.path["claim_id"]
    if caller.organisation_id is None:
        return partner.OwnCase(*load_readable(call.services, caller, claim_id))
    return partner.load_own_case(call.services, caller, claim_id)


def _serialize(call: Call, case: partner.OwnCase) -> models.Claim:
    ctx = make_step_context(call.services, call.now, case.claim.catalogue_edition)
    return make_claim_serializer(call)(case.claim, case.slot, ctx)
