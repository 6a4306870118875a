"""The history of claims, the comments on them, and the partners' events."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from chalicelib.aws import keys
from chalicelib.aws.errors import Row
from chalicelib.aws.rows import Rows, read_key, read_text
from chalicelib.aws.store.values import decode, decode_entries
from chalicelib.aws.store.writes import history_row
from chalicelib.domain.claim import Claim
from chalicelib.domain.history import Comment, Entry, EventKey
from chalicelib.domain.ids import list_event_ids, parse_claim_id


class DynamoHistory:
    """`ports.History` over the table."""

    def __init__(self, rows: Rows, run_parallel: Callable[..., tuple[Any, ...]]) -> None:
        self._rows = rows
        self._run_parallel = run_parallel

    def list_entries(self, claim_id: str, head: str | None = None) -> tuple[Entry, ...]:
        """Return the history of a claim in order, with at least the entry that has this hash."""
        if parse_claim_id(claim_id) is None:
            return ()
        page = self._rows.query(*keys.history_of(claim_id), consistent=head is None)
        entries = tuple(entry for found in page for entry in decode_entries(found))
        if head and all(entry.hash != head for entry in entries):
            return self.list_entries(claim_id)
        return entries

    def list_comments(self, claim_id: str) -> tuple[Comment, ...]:
        """Return the comments on a claim in order."""
        if parse_claim_id(claim_id) is None:
            return ()
        page = self._rows.query(*keys.comments_of(claim_id))
        return tuple(decode(Comment, found) for found in page)

    def list_comment_page(
        self, claim_id: str, start: str | None, limit: int, *, backwards: bool = False
    ) -> tuple[tuple[Comment, ...], str | None]:
        """Return a page of the comments on a claim, and the id to go on after."""
        if parse_claim_id(claim_id) is None:
            return (), None
        first = keys.comments_of(claim_id)
        begin, end = f"{first.sk}{keys.LOWEST}", f"{first.sk}{keys.HIGHEST}"
        if start:
            begin, end = (begin, f"{first.sk}{start}") if backwards else (f"{first.sk}{start}", end)
        # The range includes its bounds: `start` itself is read again, and one row more shows
        # whether there is another page.
        page = self._rows.query(
            first.pk, between=(begin, end), backwards=backwards, limit=limit + 2
        )
        found = [one for one in (decode(Comment, row) for row in page) if one.id != start]
        return tuple(found[:limit]), found[limit - 1].id if len(found) > limit else None

    def list_event_keys(self, organisation_id: str, after: str, limit: int) -> tuple[EventKey, ...]:
        """Return where a partner's events after an event id are, of at most `limit` rows.

        Only the index is read, which knows the last id of each row and its first number.
        """
        pages = self._run_parallel(
            *(
                partial(self._list_rows, keys.events_of(organisation_id, number), after, limit)
                for number in range(keys.FEED_PARTITIONS)
            )
        )
        found = sorted((read_text(one, "f_sk"), read_key(one).sk) for page in pages for one in page)
        listed = [
            EventKey(event_id, *keys.parse_history(sk))
            for last_id, sk in found[: limit + 1]  # the first row may be read up to `after`
            for event_id in list_event_ids(last_id, keys.parse_history(sk)[1])
        ]
        return tuple(one for one in listed if one.id > after)

    def get_events(self, events: Sequence[EventKey]) -> tuple[Entry, ...]:
        """Return the events at these places, in their order."""
        wanted = [keys.history(event.claim_id, event.first) for event in events]
        rows = self._rows.get(wanted) if wanted else {}
        entries = {entry.id: entry for found in rows.values() for entry in decode_entries(found)}
        return tuple(entries[event.id] for event in events if event.id in entries)

    def delete_private_parts(self, claim: Claim) -> None:
        """Delete the private parts of a claim's history, and its comments."""
        history = self._rows.query(*keys.history_of(claim.id))
        public = [
            tuple(_without_private_parts(entry) for entry in decode_entries(found))
            for found in history
        ]
        comments = self._rows.query(*keys.comments_of(claim.id))
        self._rows.write(
            [history_row(entries, claim.organisation_id) for entries in public],
            [read_key(found) for found in comments],
        )

    def _list_rows(self, partition: str, after: str, limit: int) -> tuple[Row, ...]:
        between = (after or keys.LOWEST, keys.HIGHEST)
        return self._rows.query_index("feed", partition, between=between, limit=limit + 1)


def _without_private_parts(entry: Entry) -> Entry:
    """Return an entry without people, words, and the partner's own reference."""
    subject = entry.subject and entry.subject.evolve(external_reference=None)
    return entry.evolve(private=None, salt=None, subject=subject)
