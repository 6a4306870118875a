"""A partner's own claims: lists, one claim, what is done to it, and what is said about it."""

from dataclasses import replace

from chalicelib.domain.history import Comment
from chalicelib.usecases import amendments, lists, partner, provisioning
from chalicelib.usecases.idempotency import StoredResponse
from chalicelib.usecases.unit_of_work import etag
from chalicelib.web.api import request_models as requests
from chalicelib.web.api.paging import read_start, write_next
from chalicelib.web.api.response_models import claims as models
from chalicelib.web.api.response_models import history
from chalicelib.web.api.responses import (
    make_claim_serializer,
    make_decision_request,
    make_idempotency_key,
    require_caller,
    send_response,
    store_response,
)
from chalicelib.web.api.serializers.history import (
    serialize_bundle,
    serialize_comment,
    serialize_history_row,
)
from chalicelib.web.http.answer import Answer
from chalicelib.web.http.call import Call


def list_claims(call: Call, query: requests.ClaimsQuery) -> Answer[models.Claims]:
    wanted = lists.Wanted(
        status=query.status,
        tenant_id=query.tenant_id,
        product=query.product,
        filing_id=query.filing_id,
        updated_since=query.updated_since,
        q=query.q,
    )
    caller, start = require_caller(call), read_start(call, query)
    found, last = lists.claims(call.services, caller, wanted, start, query.limit)
    serialize = make_claim_serializer(call)
    data = [serialize(claim, slot) for claim, slot in found]
    return Answer(body={"data": data, "next": write_next(call, query, last)})


def show_claim(call: Call) -> Answer[models.Claim]:
    found = _open_claim(call)
    serialize = make_claim_serializer(call)
    return Answer(body=serialize(found.claim, found.slot), etag=etag(found.claim))


def amend_claim(call: Call, body: requests.Amendment) -> Answer[models.Claim]:
    """Change the members that were sent; a member that is null is removed (RFC 7396)."""
    sent = {name: getattr(body, name) for name in body.model_fields_set - {"reason"}}
    claim_id, request = call.path["claim_id"], make_decision_request(call)
    caller = require_caller(call)
    decided = amendments.amend(
        call.services, caller, claim_id, sent, body.reason, call.now, request
    )
    return send_response(decided.reply)


def submit_claim(call: Call, body: requests.Nothing) -> Answer[models.Claim]:
    caller = require_caller(call)
    request = replace(make_decision_request(call), allowed=caller.owns)
    decided = provisioning.submit(call.services, caller, call.path["claim_id"], call.now, request)
    return send_response(decided.reply)


def withdraw_claim(call: Call, body: requests.Reason) -> Answer[models.Claim]:
    caller, request = require_caller(call), make_decision_request(call)
    decided = partner.withdraw(
        call.services, caller, call.path["claim_id"], body.reason, call.now, request
    )
    return send_response(decided.reply)


def respond_to_question(call: Call, body: requests.Response) -> Answer[models.Claim]:
    decided = partner.respond(
        call.services,
        require_caller(call),
        call.path["claim_id"],
        body.message,
        body.evidence,
        call.now,
        make_decision_request(call),
    )
    return send_response(decided.reply)


def dispute_decision(call: Call, body: requests.Dispute) -> Answer[models.Claim]:
    decided = partner.dispute(
        call.services,
        require_caller(call),
        call.path["claim_id"],
        body.reason,
        body.evidence,
        call.now,
        make_decision_request(call),
    )
    return send_response(decided.reply)


def show_bundle(call: Call) -> Answer[history.Bundle]:
    found, store = _open_claim(call), call.services.store
    rows, comments = call.services.run_parallel(
        lambda: store.history.list_entries(found.claim.id),
        lambda: store.history.list_comments(found.claim.id),
    )
    shown = make_claim_serializer(call)(found.claim, found.slot)
    return Answer(body=serialize_bundle(found.claim, shown, rows, comments, call.now))


def list_comments(call: Call) -> Answer[history.Comments]:
    comments = call.services.store.history.list_comments(_open_claim(call).claim.id)
    data = [serialize_comment(comment) for comment in comments if not comment.internal]
    return Answer(body={"data": data, "next": None})


def add_comment(call: Call, body: requests.CommentBody) -> Answer[history.Comment]:
    def respond(comment: Comment) -> StoredResponse:
        return store_response(serialize_comment(comment), 201)

    stored = partner.comment(
        call.services,
        require_caller(call),
        call.path["claim_id"],
        body.text,
        call.now,
        make_idempotency_key(call),
        respond,
    )
    return send_response(stored)


def list_history(call: Call) -> Answer[history.History]:
    rows = call.services.store.history.list_entries(_open_claim(call).claim.id)
    return Answer(body={"data": [serialize_history_row(row) for row in rows], "next": None})


def _open_claim(call: Call) -> partner.Opened:
    """Read the caller's claim that the path names. Raises NotFound."""
    return partner.opened(call.services, require_caller(call), call.path["claim_id"])
