"""Writes the rows that differ from the table, and nothing else."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from chalicelib.aws import keys
from chalicelib.aws.errors import Row
from chalicelib.aws.keys import Key
from chalicelib.aws.rows import Rows, read_key
from chalicelib.domain.ids import tenant_key
from cpor.feeds.kinds import FeedRow, tenant_id_in


@dataclass(frozen=True)
class Outcome:
    """The outcome of writing some rows.

    `bad` and `notes`: line and text; `waiting`: rows to try again once others have been written.
    """

    written: int = 0
    unchanged: int = 0
    removed: int = 0
    bad: tuple[tuple[int, str], ...] = ()
    notes: tuple[tuple[int, str], ...] = ()
    waiting: tuple[FeedRow, ...] = ()


def write_all(rows: Rows, feed_rows: Sequence[FeedRow]) -> Outcome:
    """Write the rows that differ from the table and whose tenant is there."""
    others = [_tenant_row_key(row) for row in feed_rows if row.of_tenant]
    others += [keys.partner(partner) for row in feed_rows for partner in row.partners]
    stored = rows.get([*(read_key(row.row) for row in feed_rows), *others])
    valid = [row for row in feed_rows if _has_tenant(row, stored)]
    orphans = [row for row in feed_rows if not _has_tenant(row, stored)]
    changed = [row.row for row in valid if stored.get(read_key(row.row)) != row.row]
    rows.write(changed)
    return Outcome(
        written=len(changed),
        unchanged=len(valid) - len(changed),
        bad=tuple(
            (row.line, f"tenant {row.of_tenant} is unknown: it must be in tenants")
            for row in orphans
        ),
        notes=tuple(
            (
                row.line,
                f"partner {partner} is unknown: the relation has no effect until it is there",
            )
            for row in valid
            for partner in row.partners
            if keys.partner(partner) not in stored
        ),
    )


def _tenant_row_key(row: FeedRow) -> Key:
    return keys.tenant(tenant_key(row.of_tenant))


def _has_tenant(row: FeedRow, stored: Mapping[Key, Row]) -> bool:
    if not row.of_tenant:
        return True
    found = stored.get(_tenant_row_key(row))
    return found is not None and tenant_id_in(found) == row.of_tenant
