"""The port of insights: totals by partner and period, and how far they were counted."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from chalicelib.domain.insight_totals import PeriodTotals, Splits, Tally


class Insights(Protocol):
    """Totals. Those of a partner, with its tally, are written by a `Change`."""

    def get_tally(self, owner: str) -> Tally | None:
        """Return how far a partner was counted, or the programme was summed."""
        ...

    def get_tallies(self, owners: Sequence[str]) -> tuple[Tally, ...]:
        """Return those of these partners' tallies that exist."""
        ...

    def list_partners(self) -> tuple[str, ...]:
        """List the ids of all partners of the operator's feed."""
        ...

    def list_owners(self, period: str) -> tuple[str, ...]:
        """List the partners that have totals in a period; the newest may be missing."""
        ...

    def get_totals(self, owners: Sequence[str], periods: Sequence[str]) -> tuple[PeriodTotals, ...]:
        """Return the totals of partners in periods, those that exist."""
        ...

    def list_totals(
        self, owner: str, first: str, last: str, split: str
    ) -> tuple[PeriodTotals, ...]:
        """List the totals from a day, or a month, to another, both included, in order.

        split: what the programme's are split by; a partner's have all.
        """
        ...

    def list_all_totals(self, owner: str) -> tuple[PeriodTotals, ...]:
        """List all totals of a partner."""
        ...

    def replace_totals(self, owner: str, totals: dict[str, Splits]) -> None:
        """Write totals of periods over what there is: not as one, but it can be done again."""
        ...
