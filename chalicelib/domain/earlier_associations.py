"""Associations that ended before the newest one of their claim was made.

A claim keeps its newest association only. What became of the others is in its history.
"""

from collections.abc import Iterable

from chalicelib.domain.association import Association
from chalicelib.domain.claim import Claim
from chalicelib.domain.history import Entry
from chalicelib.domain.ids import association_id
from chalicelib.domain.state_machines import IN_FORCE


def find_earlier_ordinal(claim: Claim, wanted: str | None) -> int | None:
    """Return which of the claim's earlier associations has an id, None when none has it."""
    newest = claim.association.ordinal if claim.association else 1
    return next((n for n in range(1, newest) if association_id(claim.id, n) == wanted), None)


def rebuild_association(entries: Iterable[Entry], ordinal: int) -> Association | None:
    """Rebuild an association that has ended from the history of its claim; None without it."""
    number, found = 0, None
    for entry in entries:
        _, state = entry.moves.get("association", ("", ""))
        if state == "pending":
            number += 1
        if number != ordinal or not state:
            continue
        found = found or Association(ordinal=ordinal, since=entry.at)
        if state in IN_FORCE and not found.active_since:
            found = found.evolve(active_since=entry.at)
        if state == "ended":
            ended = {"ended_at": entry.at, "end_reason": next(iter(entry.reasons), None)}
            return found.evolve(state=state, **ended)
    return None
