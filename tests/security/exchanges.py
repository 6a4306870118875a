"""Requests to any route, their answers, and the state of the whole table."""

import json
from typing import Any

from tests.security.rules import RULES
from tests.support.fixtures import Fixtures

GARBAGE = (
    "x",
    "clm_",
    "..",
    "%2e%2e%2f",
    "%00",
    "%ff",
    "%C3%A9",
    "a" * 300,
    "'%20OR%201=1",
    "clm_%20",
    "*",
    "null",
    "-1",
    "%F0%9F%8E%89",
    "clm_" + "~" * 40,
)


def send(
    fixtures: Fixtures,
    name: str,
    thing: str,
    *,
    by: str | None = None,
    headers: dict[str, str] | None = None,
    key: str = "",
) -> Any:
    """A request that is in order but for who sends it and what it names."""
    method, path = name.split(" ")
    rule = RULES[name]
    path = path.replace("{evidence_id}", fixtures.ids["evidence"])
    path = path.replace("{tenant_id}", fixtures.customer.tenant_id)
    path = path.replace("{organisation_id}", fixtures.customer.partner(1))
    path = path.replace("{event_id}", fixtures.ids["event"])
    path = "/".join(thing if step.startswith("{") else step for step in path.split("/"))
    said = {"If-Match": '"999"'} if method in ("POST", "PATCH") else {}
    said |= {"Content-Type": "application/merge-patch+json"} if method == "PATCH" else {}
    return fixtures.service.call(
        method,
        path,
        rule.body,
        by=by,
        headers=said | (headers or {}),
        form=rule.form,
        key=key or ("k" if method == "POST" and not by else None),
    )


def summarize_reply(reply: Any) -> tuple[int, Any, Any]:
    """What a caller learns from an answer, but for the request's id."""
    body = json.loads(reply.text) if reply.text.startswith("{") else reply.text
    if isinstance(body, dict):
        body = {k: v for k, v in body.items() if k != "request_id"}
    headers = {k.lower(): v for k, v in reply.headers.items() if k.lower() != "x-request-id"}
    return reply.status, body, headers


def state(fixtures: Fixtures) -> dict[str, str]:
    """Every row, as text."""
    found = fixtures.service.rows._client.scan(TableName="cpor", ConsistentRead=True)
    assert "LastEvaluatedKey" not in found
    return {
        f"{row['pk']['S']} {row['sk']['S']}": repr(sorted(row.items())) for row in found["Items"]
    }
