"""Idempotency: a request that is repeated with the same key gets the stored response again.

The response is stored as a receipt in the transaction of what the request writes, so that either
both exist or neither does.
"""

from dataclasses import dataclass, replace

from chalicelib.domain.refusals import KeyReused
from chalicelib.ports import Change, Conflict, Receipt, Services
from chalicelib.usecases.request import Conditions
from chalicelib.usecases.retry import retry

MAX_RESPONSE = 256 * 1024  # bytes of a stored response (domain.md, "A filing and its claims")


@dataclass(frozen=True)
class StoredResponse:
    """The response to a request as it is stored for a repeat.

    Attributes:
        status: the HTTP status.
        body: JSON text; a repeat gets the same text.
        etag: the entity tag without quotes.
        replayed: whether this is the response to an earlier, identical request.
    """

    status: int
    body: str
    etag: str | None = None
    replayed: bool = False


def make_receipt(request: Conditions, response: StoredResponse | None) -> Receipt | None:
    """Make the receipt that gives a repeat the same response; None without key or response."""
    key = request.idempotency_key
    if key is None or response is None:
        return None
    return Receipt(
        owner=key.owner,
        key=key.key,
        fingerprint=key.fingerprint,
        status=response.status,
        body=response.body,
        etag=response.etag,
        expires=int((request.now + key.kept).timestamp()),
        made_at=int(request.now.timestamp()),
    )


def replay_stored_response(receipt: Receipt | None, request: Conditions) -> StoredResponse | None:
    """Return the stored response, when this request is a repeat.

    Raises KeyReused when the key came with another request.
    """
    key = request.idempotency_key
    if not receipt or not key or receipt.expires <= request.now.timestamp():
        return None
    if receipt.fingerprint != key.fingerprint:
        raise KeyReused()
    return StoredResponse(receipt.status, receipt.body, receipt.etag, replayed=True)


def find_stored_response(services: Services, request: Conditions) -> StoredResponse | None:
    """Find the response that was stored for this request: it is a repeat, or has been overtaken by
    a concurrent duplicate, because of which it must not be refused.

    Raises KeyReused when the key came with another request.
    """
    key = request.idempotency_key
    if key is None:
        return None
    return replay_stored_response(services.store.requests.get_receipt(key.owner, key.key), request)


def commit_response(
    services: Services, request: Conditions, change: Change, response: StoredResponse
) -> StoredResponse:
    """Write a change with the receipt of its response, or return the response of its duplicate.

    Raises LostRace.
    """
    return retry(lambda: commit_once(services, request, change, response))


def commit_once(
    services: Services, request: Conditions, change: Change, response: StoredResponse
) -> StoredResponse:
    """Do what `commit_response` does, in one attempt. Raises Conflict."""
    change = replace(change, receipt=make_receipt(request, response))
    try:
        services.store.commit(change)
    except Conflict:
        if concurrent := find_stored_response(services, request):
            return concurrent
        raise
    return response
