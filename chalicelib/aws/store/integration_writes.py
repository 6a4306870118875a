"""The rows of API keys, webhooks and insights in a change, each with its condition."""

import json
from collections.abc import Iterator

from chalicelib.aws import keys, user_keys
from chalicelib.aws.rows import make_row
from chalicelib.aws.store.insights import tally_row, totals_rows
from chalicelib.aws.store.values import encode
from chalicelib.aws.store.webhooks import delivery_rows, endpoint_row
from chalicelib.aws.store.writes import Put, new, put_version
from chalicelib.domain.api_key import KEPT_AFTER, ApiKey
from chalicelib.ports import Change


def yield_puts(change: Change) -> Iterator[Put]:
    """Yield the rows of API keys, webhook endpoints, deliveries and totals."""
    for api_key in change.api_keys:
        yield from _api_key_puts(api_key)
    for endpoint in change.endpoints:
        yield put_version(endpoint_row(endpoint), endpoint.rev)
    for delivery in delivery_rows(change.deliveries):
        yield {"Item": delivery}
    if change.tally:
        yield put_version(tally_row(change.tally), change.tally.rev)
    for totals in change.totals:
        for row in totals_rows(totals):
            yield {"Item": row}


def _api_key_puts(key: ApiKey) -> Iterator[Put]:
    """Yield the row of an API key, due for its next mail, and once the row that finds it."""
    ends = int((key.ends_at + KEPT_AFTER).timestamp())
    due = {}
    if key.mail_at:
        due = {"d_pk": keys.shard(key.id), "d_sk": keys.moment(key.mail_at)}
    yield put_version(
        make_row(user_keys.api_key(key.id), encode(key), rev=key.rev, expires=ends, **due), key.rev
    )
    if key.rev == 1:
        pointer = json.dumps({"id": key.id})
        yield new(make_row(user_keys.api_key_hash(key.hash), pointer, expires=ends))
