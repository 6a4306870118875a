"""A cursor goes on where it was made for, and nowhere else."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.refusals import Malformed
from chalicelib.web.http.cursors import Listing, read_cursor, write_cursor
from tests.support import app

KEY, LAST = b"k" * 32, {"pk": "T#abc", "sk": "clm_1", "f_pk": "x"}
A = app.Listing(status=("a",))


def listing(organisation=None, filters=None):
    return Listing(organisation, "GET /v1/things/{claim_id}", {"claim_id": "clm_1"}, filters)


def test_a_cursor_gives_back_the_last_key():
    cursor = write_cursor(KEY, LAST, listing("ORG-1", A))

    assert read_cursor([KEY], cursor, listing("ORG-1", A)) == LAST


def test_the_size_of_a_page_may_change_on_the_way():
    cursor = write_cursor(KEY, LAST, listing(None, {"limit": 5, "cursor": None, "status": None}))

    assert read_cursor([KEY], cursor, listing(None, {"limit": 50, "cursor": cursor})) == LAST


@pytest.mark.parametrize(
    ("key", "other"),
    [
        (b"other" * 8, {}),
        (KEY, {"organisation_id": "ORG-2"}),
        (KEY, {"organisation_id": None}),
        (KEY, {"filters": app.Listing(status=("b",))}),
        (KEY, {"filters": None}),
        (KEY, {"route": "GET /v1/other/{claim_id}"}),
        (KEY, {"path": {"claim_id": "clm_2"}}),
    ],
)
def test_a_cursor_is_of_no_use_to_others_or_for_another_question(key, other):
    cursor = write_cursor(KEY, LAST, listing("ORG-1", A))

    with pytest.raises(Malformed) as refused:
        read_cursor([key], cursor, listing("ORG-1", A)._replace(**other))

    assert [(finding.code, finding.pointer) for finding in refused.value.findings] == [
        ("cursor_invalid", "/cursor")
    ]


@given(st.integers(0, 10_000), st.integers(1, 255))
def test_a_changed_cursor_is_refused(slot, change):
    sealed = bytearray(base64.urlsafe_b64decode(write_cursor(KEY, LAST, listing()) + "=="))
    sealed[slot % len(sealed)] ^= change

    with pytest.raises(Malformed):
        read_cursor([KEY], base64.urlsafe_b64encode(sealed).decode().rstrip("="), listing())


@given(st.text(max_size=60))
def test_a_made_up_cursor_is_refused(cursor):
    with pytest.raises(Malformed):
        read_cursor([KEY], cursor, listing())


@pytest.mark.parametrize(
    "spoil", [lambda c: c + "=", lambda c: c + "\n", lambda c: c[:-1] + "+", lambda c: "a" * 5000]
)
def test_a_cursor_has_one_way_to_be_written(spoil):
    with pytest.raises(Malformed):
        read_cursor([KEY], spoil(write_cursor(KEY, LAST, listing())), listing())


def test_a_cursor_made_before_the_key_was_changed_still_goes_on():
    cursor = write_cursor(b"before" * 8, LAST, listing())

    assert read_cursor([KEY, b"before" * 8], cursor, listing()) == LAST
