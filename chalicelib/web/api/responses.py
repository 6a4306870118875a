"""Between the gateway and the use cases: who calls, how a repeat is recognised, what is stored."""

from collections.abc import Callable, Mapping
from typing import Any

from pydantic_core import to_json

from chalicelib.domain.claim import Claim
from chalicelib.domain.deadlines import StepContext
from chalicelib.domain.refusals import NotFound
from chalicelib.domain.slot import Slot
from chalicelib.usecases.callers import Caller
from chalicelib.usecases.idempotency import IdempotencyKey, StoredResponse
from chalicelib.usecases.step_context import make_step_context
from chalicelib.usecases.unit_of_work import Asked, etag
from chalicelib.web.api.response_models import claims as models
from chalicelib.web.api.serializers.claims import serialize_claim
from chalicelib.web.http.answer import Answer
from chalicelib.web.http.call import Call

JSON = {"Content-Type": "application/json"}
Serializer = Callable[[Claim, Slot], Mapping[str, Any]]


def require_caller(call: Call) -> Caller:
    """Return the caller. Raises ValueError for a route that everybody may call."""
    if call.caller is None:
        raise ValueError("This route has no roles, so there is no caller")
    return call.caller


def make_idempotency_key(call: Call) -> IdempotencyKey | None:
    """Return how this request is recognised when it comes again.

    Keys belong to an organisation, or to one person of the programme.
    """
    if call.idempotency is None:
        return None
    caller = require_caller(call)
    owner = caller.organisation_id or f"programme:{caller.sub}"
    return IdempotencyKey(owner, call.idempotency.key, call.idempotency.fingerprint)


def require_idempotency_key(call: Call) -> IdempotencyKey:
    """Return the same where the route demands a key."""
    key = make_idempotency_key(call)
    if key is None:
        raise ValueError("This route must have creates=True")
    return key


def store_response(
    body: Mapping[str, Any], status: int = 200, tag: str | None = None
) -> StoredResponse:
    """Return a response as a use case stores it, for a repeat to get the same one."""
    return StoredResponse(status, to_json(body).decode(), tag)


def send_response(stored: StoredResponse | None) -> Answer[Any]:
    """Return a use case's response as it stands. Raises NotFound if there is none."""
    if stored is None:
        raise NotFound
    return Answer(stored.status, stored.body, stored.etag, JSON, stored.replayed)


def make_decision_request(call: Call, serializer: Serializer | None = None) -> Asked:
    """Return everything about a decision that is not the step itself.

    serializer: of the claim that the decision answers; None: as its partner sees it.
    """
    serialize = serializer or make_claim_serializer(call)
    return Asked(
        idempotency_key=make_idempotency_key(call),
        if_match=call.if_match,
        answer=lambda claim, slot: store_response(serialize(claim, slot), tag=etag(claim)),
    )


def make_claim_serializer(call: Call) -> Callable[[Claim, Slot], models.Claim]:
    """Return what writes claims for this caller."""
    roles = require_caller(call).roles
    return lambda claim, slot: serialize_claim(
        claim, slot, call.language, roles, make_context(call, claim)
    )


def make_context(call: Call, claim: Claim) -> StepContext:
    """Return what the claim's deadlines are computed with at the moment of the call."""
    return make_step_context(call.services, claim.catalogue_edition, call.now)
