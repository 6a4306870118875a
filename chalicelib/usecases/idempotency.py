"""Idempotency: a request that is repeated with the same key gets the stored response again.

The response is stored as a receipt in the transaction of what the request writes, so that either
both exist or neither does.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from chalicelib.domain.refusals import KeyReused
from chalicelib.ports import Change, Conflict, Receipt, Services
from chalicelib.usecases.retry import retry

KEPT = timedelta(hours=24)  # receipts (api.md, "Conventions")


@dataclass(frozen=True)
class IdempotencyKey:
    """How a repeated request is recognised.

    Attributes:
        owner: whose key it is: an organisation, or a person of the programme.
        key: the caller's key.
        fingerprint: SHA-256 (hex) of what was requested; another one with the same key is refused.
        kept: for how long a repeat is recognised.
    """

    owner: str
    key: str
    fingerprint: str
    kept: timedelta = KEPT


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


def make_receipt(key: IdempotencyKey, response: StoredResponse, now: datetime) -> Receipt:
    """Make the receipt that gives a repeat the same response."""
    return Receipt(
        owner=key.owner,
        key=key.key,
        fingerprint=key.fingerprint,
        status=response.status,
        body=response.body,
        etag=response.etag,
        expires=int((now + key.kept).timestamp()),
    )


def replay_stored_response(
    receipt: Receipt | None, key: IdempotencyKey | None, now: datetime
) -> StoredResponse | None:
    """Return the response that was given before, when this request is a repeat.

    Raises KeyReused when the key came with another request.
    """
    if not receipt or not key or receipt.expires <= now.timestamp():
        return None
    if receipt.fingerprint != key.fingerprint:
        raise KeyReused()
    return StoredResponse(receipt.status, receipt.body, receipt.etag, replayed=True)


def find_concurrent_response(
    services: Services, key: IdempotencyKey | None, now: datetime
) -> StoredResponse | None:
    """Look for the response to the same request, sent twice, whose other copy has been carried out.

    A request that is refused because of its own twin must not be refused.
    """
    if key is None:
        return None
    return replay_stored_response(services.store.requests.get_receipt(key.owner, key.key), key, now)


def commit_response(
    services: Services,
    change: Change,
    response: StoredResponse,
    key: IdempotencyKey | None,
    now: datetime,
) -> StoredResponse:
    """Write a change with the receipt of its response, or return what its twin was answered.

    Raises LostRace.
    """
    if key:
        change = replace(change, receipt=make_receipt(key, response, now))

    def commit() -> StoredResponse:
        try:
            services.store.commit(change)
        except Conflict:
            if concurrent := find_concurrent_response(services, key, now):
                return concurrent
            raise
        return response

    return retry(commit)
