"""API keys of a partner organisation, for its administrators (integration.md, 5)."""

import json
from ipaddress import ip_network
from typing import Annotated

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from chalicelib.domain.api_key import MAX_ADDRESSES, ApiKey, Role
from chalicelib.domain.base import rfc3339
from chalicelib.domain.filing import RequestValue
from chalicelib.domain.text_types import DeliverableAddress
from chalicelib.domain.timestamps import Day
from chalicelib.usecases import api_keys
from chalicelib.usecases.idempotency import StoredResponse
from chalicelib.web.api.paging import take_page
from chalicelib.web.api.request_models import Name, Page
from chalicelib.web.api.response_models import api_keys as models
from chalicelib.web.api.responses import (
    make_request,
    require_caller,
    send_response,
    store_response,
)
from chalicelib.web.http.answer import Answer
from chalicelib.web.http.call import Call


def _normalize_network(text: str) -> str:
    """Return an address or a network as a CIDR."""
    try:
        return str(ip_network(text.strip()))
    except ValueError as error:
        raise PydanticCustomError("not_a_network", "no address and no network") from error


Network = Annotated[str, Field(max_length=50), AfterValidator(_normalize_network)]


class NewApiKeyBody(RequestValue):
    """An API key to make. It works until the end of `expires_on` (UTC)."""

    name: Name
    role: Role
    expires_on: Day
    from_addresses: Annotated[tuple[Network, ...], Field(max_length=MAX_ADDRESSES)] = ()
    contact: DeliverableAddress | None = None


def list_api_keys(call: Call, query: Page) -> Answer[models.ApiKeys]:
    """List the organisation's API keys, oldest first."""
    found = api_keys.list_keys(call.services, require_caller(call).organisation)
    page, following = take_page(call, query, found)
    data = [_serialize(call, key) for key in page]
    return Answer(body={"data": data, "next": following})


def create_api_key(call: Call, body: NewApiKeyBody) -> Answer[models.NewApiKey]:
    """Make an API key. The response to a repeated request lacks the key."""

    def respond(key: ApiKey) -> StoredResponse:
        return store_response(_serialize(call, key), 201)

    new = api_keys.NewApiKey(**dict(body))
    stored = api_keys.create(call.services, make_request(call), new, respond, _add_key)
    return send_response(stored)


def revoke_api_key(call: Call) -> Answer[None]:
    """Revoke an API key. Revoked again, it stays so."""
    api_keys.revoke(call.services, require_caller(call), call.path["key_id"], call.now)
    return Answer(204)


def _add_key(stored: StoredResponse, key: str) -> StoredResponse:
    return store_response({**json.loads(stored.body), "key": key}, stored.status)


def _serialize(call: Call, key: ApiKey) -> models.ApiKey:
    return {
        "id": key.id,
        "name": key.name,
        "role": key.role,
        "state": key.state(call.now),
        "created_at": rfc3339(key.created_at),
        "expires_on": key.expires_on.isoformat(),
        "from_addresses": list(key.from_addresses),
        "contact": key.contact,
        "last_used_on": key.last_used_on.isoformat() if key.last_used_on else None,
    }
