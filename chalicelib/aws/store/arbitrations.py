"""Arbitration cases."""

from chalicelib.aws import keys
from chalicelib.aws.rows import Rows, read_text
from chalicelib.aws.store.values import decode
from chalicelib.domain.arbitration import Arbitration
from chalicelib.domain.ids import parse_arbitration_id


class DynamoArbitrations:
    """`ports.Arbitrations` over the table."""

    def __init__(self, rows: Rows) -> None:
        self._rows = rows

    def get(self, case_id: str) -> Arbitration | None:
        """Return a case."""
        known = parse_arbitration_id(case_id) is not None
        found = self._rows.get_one(keys.arbitration(case_id)) if known else None
        return decode(Arbitration, found) if found else None

    def list_of(
        self, owner: str, after: str | None, limit: int
    ) -> tuple[tuple[Arbitration, ...], str | None]:
        """Return a page of a partner's cases, newest first; `programme`: of all cases."""
        # The range includes its bounds: `after` itself is read again, and one row more shows
        # whether there is another page.
        page = self._rows.query(
            keys.arbitrations_of(owner),
            between=(keys.LOWEST, after) if after else None,
            backwards=True,
            limit=limit + 2,
        )
        ids = [one for one in (read_text(found, "sk") for found in page) if one != after]
        wanted = [keys.arbitration(one) for one in ids[:limit]]
        found = self._rows.get(wanted) if wanted else {}
        cases = tuple(decode(Arbitration, found[key]) for key in wanted if key in found)
        return cases, ids[limit - 1] if len(ids) > limit else None
