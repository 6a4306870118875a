"""Writes tenants together with their domains. A domain belongs to one tenant only.

A tenant and its domains are one conditional transaction. Domains that a tenant no longer lists are
released in the same one; a domain that another tenant still has rejects the row.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from chalicelib.aws import keys
from chalicelib.aws.errors import Cancelled, Reason, Row
from chalicelib.aws.keys import Key
from chalicelib.aws.row_requests import make_batches
from chalicelib.aws.rows import Rows, encode_key, make_row, read_key, read_text
from chalicelib.domain.refusals import Unavailable
from cpor.feeds.kinds import FeedRow, tenant_id_in
from cpor.feeds.writing import Outcome

OWNER = "held_by"  # attribute of a domain's row that its condition compares
MAX_ACTIONS = 90  # of one transaction; DynamoDB accepts 100
ATTEMPTS = 5  # attempts at a transaction that fails only by conflicts

Action = dict[str, dict[str, Any]]


class DomainTaken(Exception):
    """A domain belongs to another tenant."""


def write_tenants(rows: Rows, feed_rows: Sequence[FeedRow]) -> Outcome:
    """Write the tenants that differ from the table.

    A tenant with a domain of another tenant is left waiting.
    """
    stored = rows.get(
        key for row in feed_rows for key in (read_key(row.row), *map(keys.domain, row.domains))
    )
    written = unchanged = removed = 0
    waiting = []
    for row in feed_rows:
        stale = _stale_domains(rows, row, stored)
        changed = [new for new in _rows(row) if stored.get(read_key(new)) != new]
        if not stale and not changed:
            unchanged += 1
            continue
        try:
            _write(rows, row, changed, stale)
        except DomainTaken as error:
            waiting.append(replace(row, obstacle=str(error)))
        else:
            written, removed = written + 1, removed + len(stale)
    return Outcome(written, unchanged, removed, waiting=tuple(waiting))


def _stale_domains(rows: Rows, one: FeedRow, stored: Mapping[Key, Row]) -> tuple[Key, ...]:
    """Return the domains that the table has of a tenant and its row no longer lists."""
    before = stored.get(read_key(one.row))
    listed = json.loads(read_text(before))["domains"] if before else ()
    gone = [keys.domain(domain) for domain in listed if domain not in one.domains]
    found = rows.get(gone)
    return tuple(key for key, row in found.items() if tenant_id_in(row) == one.tenant_id)


def _rows(one: FeedRow) -> list[Row]:
    """Return every row of a tenant, its own last: when that is there, all others are."""
    value = json.dumps({"tenant_id": one.tenant_id})
    domains = [
        make_row(keys.domain(domain), value, **{OWNER: one.tenant_id}) for domain in one.domains
    ]
    return [*domains, one.row]


def _write(rows: Rows, one: FeedRow, changed: Sequence[Row], stale: Sequence[Key]) -> None:
    if_ours = {
        "ConditionExpression": f"attribute_not_exists(pk) OR {OWNER} = :me",
        "ExpressionAttributeValues": {":me": {"S": one.tenant_id}},
        "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
    }
    own = read_key(one.row)
    actions: list[Action] = [{"Delete": {"Key": encode_key(key), **if_ours}} for key in stale]
    for new in changed:
        actions.append({"Put": {"Item": new} | ({} if read_key(new) == own else if_ours)})
    for chunk in make_batches(actions, MAX_ACTIONS):
        _transact(rows, chunk)


def _transact(rows: Rows, actions: Sequence[Action]) -> None:
    """Run a transaction, again while it fails by conflicts only. Raises DomainTaken."""
    for _ in range(ATTEMPTS):
        try:
            return rows.transact(actions)
        except Cancelled as error:
            if error.failed_conditions:
                owned = ", ".join(_describe_owner(reason) for reason in error.reasons if reason.row)
                raise DomainTaken(owned) from error
            if not error.is_transient:
                raise
    raise Unavailable()


def _describe_owner(reason: Reason) -> str:
    found = reason.row or {}
    domain = found["pk"]["S"].partition("#")[2]
    return f"domains: {domain} belongs to tenant {tenant_id_in(found)}"
