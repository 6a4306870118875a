"""Arbitration cases."""

from collections.abc import Sequence

from chalicelib.aws import keys
from chalicelib.aws.errors import Row
from chalicelib.aws.keys import Key
from chalicelib.aws.rows import Rows, read_key, read_text
from chalicelib.aws.store.party_words import list_word_keys, with_words
from chalicelib.aws.store.values import decode
from chalicelib.domain.arbitration import PROGRAMME, Arbitration
from chalicelib.domain.claim import Claim
from chalicelib.domain.ids import Kind, kind_of, parse_arbitration_id

# Rows of parties that one page of cases reads: each has at most 55 KB of its partner's text, and a
# function answers 6 MB (Lambda limits). A page of larger cases has fewer of them.
MAX_PARTIES_PER_PAGE = 75


class DynamoArbitrations:
    """`ports.Arbitrations` over the table."""

    def __init__(self, rows: Rows) -> None:
        self._rows = rows

    def get(self, case_id: str) -> Arbitration | None:
        """Return a case."""
        if parse_arbitration_id(case_id) is None:
            return None
        key = keys.arbitration(case_id)
        found = {read_key(row): row for row in self._rows.query(*key)}
        return with_words(decode(Arbitration, found[key]), found) if key in found else None

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
        cases = [decode(Arbitration, found[key]) for key in wanted if key in found]
        shown, word_keys = _fit(cases, None if owner == PROGRAMME else owner)
        words = self._rows.get(word_keys) if word_keys else {}
        more = ids[limit - 1] if len(ids) > limit else None
        return (
            tuple(with_words(case, words) for case in shown),
            more if len(shown) == len(cases) else shown[-1].id,
        )


def decode_case(found: Row) -> Claim | Arbitration:
    """Return the claim or the arbitration of a row, by the kind of its id."""
    if kind_of(read_text(found, "sk")) is Kind.ARBITRATION:
        return decode(Arbitration, found)
    return decode(Claim, found)


def _fit(
    cases: Sequence[Arbitration], organisation_id: str | None
) -> tuple[Sequence[Arbitration], list[Key]]:
    """Return as many of the cases as fit into a page, one at least, and the rows of their words."""
    wanted: list[Key] = []
    for number, case in enumerate(cases):
        more = list_word_keys(case, organisation_id)
        if number and len(wanted) + len(more) > MAX_PARTIES_PER_PAGE:
            return cases[:number], wanted
        wanted += more
    return cases, wanted
