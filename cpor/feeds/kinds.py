"""What the rows of each feed file become in the table."""

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from chalicelib.aws import keys
from chalicelib.aws.errors import Row
from chalicelib.aws.feed import CLOSED
from chalicelib.aws.rows import row, text
from chalicelib.domain.ids import item_key, tenant_key
from chalicelib.domain.item import Item
from cpor.feeds.columns import (
    Columns,
    PartnerColumns,
    ReviewerColumns,
    SubscriptionColumns,
    TenantColumns,
    UsageColumns,
)

KEPT = 24  # months that figures stay in the table; thirteen are shown


@dataclass(frozen=True)
class Wanted:
    """What one line of a feed wants to be in the table.

    `only_once`: what no other line of the file may say something else of; `domains`: a tenant's;
    `of`: the tenant that has to be there; `hindered`: why it could not be written yet.
    """

    line: int
    row: Row
    only_once: tuple[str, ...]
    tenant_id: str = ""
    of: str = ""
    domains: tuple[str, ...] = ()
    hindered: str = ""

    @property
    def says(self) -> bytes:
        """A checksum of the whole row."""
        return hashlib.sha256(
            json.dumps(self.row, sort_keys=True, default=bytes.hex).encode()
        ).digest()


@dataclass(frozen=True)
class Kind:
    """A file of the feed: its name, its columns, and what a row of it wants."""

    name: str
    columns: type[Columns]
    wanted: Callable[[int, Any], Wanted]


def _partner(line: int, columns: PartnerColumns) -> Wanted:
    found = columns.partner()
    locations = tuple(f"location {location.id}" for location in found.location_ids)
    return Wanted(
        line,
        row(keys.partner(found.organisation_id), found.model_dump_json()),
        only_once=(f"organisation {found.organisation_id}", *locations),
    )


def _tenant(line: int, columns: TenantColumns) -> Wanted:
    found = columns.tenant()
    closed = {} if columns.readable else {CLOSED: 1}
    return Wanted(
        line,
        row(keys.tenant(tenant_key(found.tenant_id)), found.model_dump_json(), **closed),
        only_once=(f"tenant {found.tenant_id}", *(f"domain {domain}" for domain in found.domains)),
        tenant_id=found.tenant_id,
        domains=found.domains,
    )


def _subscription(line: int, columns: SubscriptionColumns) -> Wanted:
    found = columns.subscription()
    it8 = item_key(Item(subscription_id=found.subscription_id).name)
    return Wanted(
        line,
        row(keys.subscription(tenant_key(found.tenant_id), it8), found.model_dump_json()),
        only_once=(f"subscription {found.subscription_id}",),
        of=found.tenant_id,
    )


def _reviewer(line: int, columns: ReviewerColumns) -> Wanted:
    return Wanted(
        line,
        row(keys.reviewer(columns.sub), columns.model_dump_json()),
        only_once=(f"reviewer {columns.sub}",),
    )


def _usage(line: int, columns: UsageColumns) -> Wanted:
    item, figures = columns.item().name, columns.figures()
    key = keys.figures(tenant_key(columns.tenant_id), item, figures.month)
    return Wanted(
        line,
        row(key, figures.model_dump_json(), expires=_expiry(figures.month)),
        only_once=(f"{item} of tenant {columns.tenant_id} in {figures.month}",),
        of=columns.tenant_id,
    )


def _expiry(month: str) -> int:
    """When a month's figures may go, in epoch seconds: counted from the month itself, so that it
    never changes.
    """
    year, number = map(int, month.split("-"))
    return int(datetime(year + KEPT // 12, number, 1, tzinfo=UTC).timestamp())


def tenant_in(found: Row) -> str:
    """The id of the tenant that a tenant's or a domain's row is about."""
    return str(json.loads(text(found))["tenant_id"])


KINDS = (
    Kind("partners", PartnerColumns, _partner),
    Kind("tenants", TenantColumns, _tenant),
    Kind("subscriptions", SubscriptionColumns, _subscription),
    Kind("reviewers", ReviewerColumns, _reviewer),
    Kind("usage", UsageColumns, _usage),
)
