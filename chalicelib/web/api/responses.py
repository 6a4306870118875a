"""Between the gateway and the use cases: requests as values, and responses as they are stored."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from pydantic_core import to_json

from chalicelib.domain.claim import Claim
from chalicelib.domain.deadlines import StepContext
from chalicelib.domain.slot import Slot
from chalicelib.usecases.callers import Caller
from chalicelib.usecases.decision_request import Render
from chalicelib.usecases.display_names import load_display_names
from chalicelib.usecases.idempotency import StoredResponse
from chalicelib.usecases.request import IdempotencyKey, Request
from chalicelib.web.api.response_models import claims as models
from chalicelib.web.api.serializers.claims import add_customer_names, serialize_claim
from chalicelib.web.http.answer import Answer
from chalicelib.web.http.call import Call

JSON = {"Content-Type": "application/json"}
Serializer = Callable[[Claim, Slot, StepContext], Mapping[str, Any]]


def require_caller(call: Call) -> Caller:
    """Return the caller. Raises ValueError for a public route."""
    if call.caller is None:
        raise ValueError("This route has no roles, so there is no caller")
    return call.caller


def make_request(call: Call) -> Request:
    """Make the request as the use cases know it: who asks, when, and on which conditions."""
    return Request(
        caller=require_caller(call),
        now=call.now,
        idempotency_key=_make_idempotency_key(call),
        if_match=call.if_match,
    )


def store_response(
    body: Mapping[str, Any], status: int = 200, tag: str | None = None
) -> StoredResponse:
    """Return a response as a use case stores it, for a repeat to get the same one."""
    return StoredResponse(status, to_json(body).decode(), tag)


def send_response(stored: StoredResponse) -> Answer[Any]:
    """Return a use case's response as it stands."""
    return Answer(stored.status, stored.body, stored.etag, JSON, stored.replayed)


def make_renderer(serialize: Serializer) -> Render:
    """Make the function that renders the response to a decision about a claim."""

    def render(claim: Claim, slot: Slot, ctx: StepContext) -> StoredResponse:
        return store_response(serialize(claim, slot, ctx), tag=claim.etag)

    return render


def render_claim(call: Call) -> Render:
    """Make the function that renders a claim, as its partner sees it, after a decision."""
    return make_renderer(make_claim_serializer(call))


def make_claim_serializer(call: Call) -> Callable[[Claim, Slot, StepContext], models.Claim]:
    """Return what writes claims for this caller."""
    roles = require_caller(call).roles

    def serialize(claim: Claim, slot: Slot, ctx: StepContext) -> models.Claim:
        return serialize_claim(claim, slot, call.language, roles, ctx)

    return serialize


def name_customers(call: Call, claims: Sequence[models.Claim]) -> list[models.Claim]:
    """Add the customers' names to claims of the caller's own organisation, where it reads them.

    Answers to acts have none: they are stored with the act, which reads no names.
    """
    tenants = {claim["tenant_id"] for claim in claims}
    names = load_display_names(call.services, tenants, ())
    return add_customer_names(claims, names.customers)


def _make_idempotency_key(call: Call) -> IdempotencyKey | None:
    """Return how this request is recognised when it comes again.

    Keys belong to an organisation, or to one person of the programme.
    """
    if call.idempotency is None:
        return None
    caller = require_caller(call)
    organisation = caller.organisation_id
    # No organisation id can look like another kind of owner.
    owner = f"org:{organisation}" if organisation else f"programme:{caller.sub}"
    return IdempotencyKey(owner, call.idempotency.key, call.idempotency.fingerprint)
