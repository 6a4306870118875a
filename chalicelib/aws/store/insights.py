"""Totals of what was counted, and how far it was counted."""

from collections.abc import Iterator, Sequence
from typing import Any

from chalicelib.aws import insight_keys, keys
from chalicelib.aws.errors import Row
from chalicelib.aws.rows import Rows, make_row, read_text
from chalicelib.aws.store.values import decode, decode_optional, encode
from chalicelib.domain.insight_totals import (
    ORGANISATION,
    PROGRAMME,
    SPLITS,
    PeriodTotals,
    Splits,
    Tally,
)


class DynamoInsights:
    """`ports.Insights` over the table."""

    def __init__(self, rows: Rows) -> None:
        self._rows = rows

    def get_tally(self, owner: str) -> Tally | None:
        """Return how far a partner was counted, or the programme was summed."""
        return decode_optional(Tally, self._rows.get_one(insight_keys.tally(owner)))

    def get_tallies(self, owners: Sequence[str]) -> tuple[Tally, ...]:
        """Return those of these partners' tallies that exist."""
        found = self._rows.get(insight_keys.tally(owner) for owner in owners)
        return tuple(decode(Tally, row) for row in found.values())

    def list_partners(self) -> tuple[str, ...]:
        """List the ids of all partners of the operator's feed."""
        found = self._rows.query_index("feed", keys.PARTNERS)
        return tuple(read_text(row, "f_sk") for row in found)

    def list_owners(self, period: str) -> tuple[str, ...]:
        """List the partners that have totals in a period; the newest may be missing."""
        found = self._rows.query_index("feed", insight_keys.partners_of(period))
        return tuple(read_text(row, "f_sk") for row in found)

    def get_totals(self, owners: Sequence[str], periods: Sequence[str]) -> tuple[PeriodTotals, ...]:
        """Return the totals of partners in periods, those that exist."""
        wanted = [insight_keys.totals(owner, period, "") for owner in owners for period in periods]
        return tuple(decode(PeriodTotals, row) for row in self._rows.get(wanted).values())

    def list_totals(
        self, owner: str, first: str, last: str, split: str
    ) -> tuple[PeriodTotals, ...]:
        """List the totals from a day, or a month, to another, in order."""
        partition, between = insight_keys.totals_between(owner, first, last, split)
        found = self._rows.query(partition, between=between, consistent=False)
        return tuple(decode(PeriodTotals, row) for row in found)

    def list_all_totals(self, owner: str) -> tuple[PeriodTotals, ...]:
        """List all totals of a partner."""
        partition, between = insight_keys.all_totals(owner)
        found = self._rows.query(partition, between=between)
        return tuple(decode(PeriodTotals, row) for row in found)

    def replace_totals(self, owner: str, totals: dict[str, Splits]) -> None:
        """Write totals of periods over what there is."""
        self._rows.write(
            row
            for period, splits in totals.items()
            for row in totals_rows(PeriodTotals(owner=owner, period=period, splits=splits))
        )


def tally_row(tally: Tally) -> Row:
    """Return the row of a tally; that of the programme is due when it is to count or to sum."""
    due = {}
    if tally.next_at:
        due = {"d_pk": keys.shard(tally.id), "d_sk": keys.moment(tally.next_at)}
    return make_row(insight_keys.tally(tally.owner), encode(tally), rev=tally.rev, **due)


def totals_rows(totals: PeriodTotals) -> Iterator[dict[str, Any]]:
    """Yield the rows of a period's totals: one of a partner, one a split of the programme."""
    if totals.owner != PROGRAMME:
        key = insight_keys.totals(totals.owner, totals.period, "")
        index = {"f_pk": insight_keys.partners_of(totals.period), "f_sk": totals.owner}
        yield make_row(key, encode(totals), **index)
        return
    for split in (*SPLITS, ORGANISATION):
        key = insight_keys.totals(PROGRAMME, totals.period, split)
        found = {split: totals.splits[split]} if split in totals.splits else {}
        yield make_row(key, encode(totals.evolve(splits=found)))
