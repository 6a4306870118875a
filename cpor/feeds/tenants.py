"""Writes tenants together with their domains. A domain belongs to one tenant, and never changes
hands silently.

A tenant and its domains are one conditional transaction. What a tenant no longer lists is given up
in the same one; what another tenant still has refuses the row.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from chalicelib.aws import keys
from chalicelib.aws.errors import Cancelled, Reason, Row
from chalicelib.aws.keys import Key
from chalicelib.aws.rows import Rows, at, key_of, row, text
from chalicelib.domain.refusals import Unavailable
from cpor.feeds.kinds import Wanted, tenant_in
from cpor.feeds.writing import Outcome

OWNER = "held_by"  # attribute of a domain's row that its condition compares
MOST = 90  # actions of one transaction; DynamoDB takes 100
TRIES = 5  # of a transaction that only met with conflicts

Action = dict[str, dict[str, Any]]


class Taken(Exception):
    """A domain belongs to another tenant."""


def write_tenants(rows: Rows, wanted: Sequence[Wanted]) -> Outcome:
    """Writes those of the tenants that differ.

    Whoever wants a domain that another tenant has is left waiting.
    """
    there = rows.get(
        key for one in wanted for key in (key_of(one.row), *map(keys.domain, one.domains))
    )
    written = unchanged = removed = 0
    waiting = []
    for one in wanted:
        stale = _stale(rows, one, there)
        changed = [each for each in _rows(one) if there.get(key_of(each)) != each]
        if not stale and not changed:
            unchanged += 1
            continue
        try:
            _write(rows, one, changed, stale)
        except Taken as taken:
            waiting.append(replace(one, hindered=str(taken)))
        else:
            written, removed = written + 1, removed + len(stale)
    return Outcome(written, unchanged, removed, waiting=tuple(waiting))


def _stale(rows: Rows, one: Wanted, there: Mapping[Key, Row]) -> tuple[Key, ...]:
    """The domains that the table has of this tenant and its row no longer lists."""
    before = there.get(key_of(one.row))
    listed = json.loads(text(before))["domains"] if before else ()
    gone = [keys.domain(domain) for domain in listed if domain not in one.domains]
    return tuple(key for key, found in rows.get(gone).items() if tenant_in(found) == one.tenant_id)


def _rows(one: Wanted) -> list[Row]:
    """Every row of a tenant, its own last: when that one is there, all the others are."""
    value = json.dumps({"tenant_id": one.tenant_id})
    return [
        *(row(keys.domain(domain), value, **{OWNER: one.tenant_id}) for domain in one.domains),
        one.row,
    ]


def _write(rows: Rows, one: Wanted, changed: Sequence[Row], stale: Sequence[Key]) -> None:
    mine = {
        "ConditionExpression": f"attribute_not_exists(pk) OR {OWNER} = :me",
        "ExpressionAttributeValues": {":me": {"S": one.tenant_id}},
        "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
    }
    own = key_of(one.row)
    actions: list[Action] = [{"Delete": {"Key": at(key), **mine}} for key in stale]
    actions += [{"Put": {"Item": each} | ({} if key_of(each) == own else mine)} for each in changed]
    for first in range(0, len(actions), MOST):
        _transact(rows, actions[first : first + MOST])


def _transact(rows: Rows, actions: Sequence[Action]) -> None:
    """One transaction, again while it only meets with conflicts. Raises Taken."""
    for _ in range(TRIES):
        try:
            return rows.transact(actions)
        except Cancelled as cancelled:
            if cancelled.unmet:
                raise Taken(
                    ", ".join(_owned(reason) for reason in cancelled.reasons if reason.row)
                ) from cancelled
            if not cancelled.passing:
                raise
    raise Unavailable()


def _owned(reason: Reason) -> str:
    """Whose a domain is, in words."""
    found = reason.row or {}
    return f"domains: {found['pk']['S'].partition('#')[2]} belongs to tenant {tenant_in(found)}"
