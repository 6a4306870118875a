"""Writes what differs, and nothing else."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from chalicelib.aws import keys
from chalicelib.aws.errors import Row
from chalicelib.aws.keys import Key
from chalicelib.aws.rows import Rows, key_of
from chalicelib.domain.ids import tenant_key
from cpor.feeds.kinds import Wanted, tenant_in


@dataclass(frozen=True)
class Outcome:
    """What became of some rows.

    `bad`: line and reason; `waiting`: what may go in once others have made room.
    """

    written: int = 0
    unchanged: int = 0
    removed: int = 0
    bad: tuple[tuple[int, str], ...] = ()
    waiting: tuple[Wanted, ...] = ()


def write_all(rows: Rows, wanted: Sequence[Wanted]) -> Outcome:
    """Writes those of the rows that differ from what lies in the table, and whose tenant is there."""
    there = rows.get(
        [*(key_of(one.row) for one in wanted), *(_home(one) for one in wanted if one.of)]
    )
    homeless = [one for one in wanted if not _has_home(one, there)]
    able = [one for one in wanted if _has_home(one, there)]
    changed = [one.row for one in able if there.get(key_of(one.row)) != one.row]
    rows.write(changed)
    return Outcome(
        written=len(changed),
        unchanged=len(able) - len(changed),
        bad=tuple(
            (one.line, f"tenant {one.of} is not known: it has to be in tenants") for one in homeless
        ),
    )


def _home(one: Wanted) -> Key:
    return keys.tenant(tenant_key(one.of))


def _has_home(one: Wanted, there: Mapping[Key, Row]) -> bool:
    found = there.get(_home(one)) if one.of else None
    return not one.of or (found is not None and tenant_in(found) == one.of)
