"""History rows keep the format of their time that their hash covers."""

from datetime import UTC, datetime

from chalicelib.domain.history import GENESIS, SYSTEM, Act, chain_entries, find_faults, hash_row

WHOLE_SECOND = datetime(2026, 11, 4, 12, 0, 0, tzinfo=UTC)
CREATED = Act(act="claim.created", actor=SYSTEM)


def make_row():
    """Return a row that is written on a whole second."""
    return chain_entries([CREATED], "clm_1", 0, GENESIS, WHOLE_SECOND, bytes)[0]


def test_a_new_row_on_a_whole_second_has_milliseconds():
    row = make_row()

    assert row.to_public()["at"] == "2026-11-04T12:00:00.000Z"
    assert find_faults([row.to_public()]) == []


def test_a_row_that_was_hashed_without_milliseconds_still_verifies():
    new = make_row()
    old = new.evolve(hash=hash_row(new.to_public() | {"at": "2026-11-04T12:00:00Z"}))

    assert old.to_public()["at"] == "2026-11-04T12:00:00Z"
    assert find_faults([old.to_public()]) == []


def test_a_changed_row_is_found_in_either_spelling():
    changed = make_row().evolve(act="claim.approved")

    assert find_faults([changed.to_public()]) == ["row 1 was changed"]
