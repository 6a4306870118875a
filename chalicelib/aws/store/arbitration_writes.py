"""The rows of an arbitration case in a change, each with its condition."""

from collections.abc import Iterator

from chalicelib.aws import keys
from chalicelib.aws.errors import Row
from chalicelib.aws.rows import make_row
from chalicelib.aws.store.party_words import list_changed_words, without_words
from chalicelib.aws.store.values import encode
from chalicelib.aws.store.writes import Put, put_version
from chalicelib.domain.arbitration import Arbitration
from chalicelib.ports import Change


def yield_puts(change: Change, case: Arbitration) -> Iterator[Put]:
    """Yield the rows of a change's case: itself, its parties' words, and who lists it."""
    yield put_version(_arbitration_row(case), case.rev)
    for key, words in list_changed_words(case):
        yield {"Item": make_row(key, encode(words))}
    for owner in change.members:
        yield {"Item": make_row(keys.arbitration_member(owner, case.id), "{}")}


def _arbitration_row(case: Arbitration) -> Row:
    """Return the row of a case: in the review queue while open, due when it must be escalated."""
    index = {}
    if case.state == "open":
        index = {
            "q_pk": keys.review_partition(case.id),
            "q_sk": keys.position(case.decision_due_at, case.id),
        }
        if not case.escalated:
            index |= {"d_pk": keys.shard(case.id), "d_sk": keys.moment(case.decision_due_at)}
    return make_row(keys.arbitration(case.id), encode(without_words(case)), rev=case.rev, **index)
