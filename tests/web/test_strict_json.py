"""JSON that could mean two things is refused."""

import json
from time import perf_counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.refusals import Malformed
from chalicelib.web.http.strict_json import MAX_DEPTH, dump_canonical, loads

VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=20,
)


@given(VALUES)
def test_what_is_written_canonically_is_read_the_same(value):
    assert loads(dump_canonical(value)) == value


@given(st.binary(max_size=200))
def test_bytes_of_any_kind_are_read_or_refused(raw):
    try:
        loads(raw)
    except Malformed as refused:
        assert refused.findings[0].code == "not_json"


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (b"", "syntax"),
        (b"{", "syntax"),
        (b"{'a': 1}", "syntax"),
        (b'{"a": 1,}', "syntax"),
        (b"[1] 2", "syntax"),
        (b"{} // done", "syntax"),
        (b'"\x01"', "syntax"),
        (b'{"a": 1, "a": 2}', "duplicate"),
        (b'{"a": {"b": 1, "\\u0062": 2}}', "duplicate"),
        (b"NaN", "number"),
        (b'{"a": [-Infinity]}', "number"),
        (b"1e999", "number"),
        (b"-1e999", "number"),
        (b"9" * 5000, "number"),
        (b"[" * 33 + b"]" * 33, "depth"),
        (b'{"a":' * 33 + b"1" + b"}" * 33, "depth"),
        (b"[" * 200_000, "depth"),
        (b"\xef\xbb\xbf{}", "encoding"),
        (b'"\xff"', "encoding"),
        (b'"\xed\xa0\x80"', "encoding"),
        (b'"\xc0\xaf"', "encoding"),
        (b'["\\ud800"]', "encoding"),
        (b'{"\\uDC00": 1}', "encoding"),
        ("{}".encode("utf-16"), "encoding"),
        ("{}".encode("utf-32-le"), "syntax"),
    ],
)
def test_ambiguous_and_outsized_texts_are_refused(raw, reason):
    with pytest.raises(Malformed) as refused:
        loads(raw)

    assert [(one.code, one.values["reason"]) for one in refused.value.findings] == [
        ("not_json", reason)
    ]


def test_brackets_in_a_text_are_no_depth():
    assert loads(json.dumps(["[" * 100, '"\\' * 60 + "{" * 100]).encode())[0] == "[" * 100


def test_the_deepest_that_is_allowed_is_read():
    assert loads(b"[" * MAX_DEPTH + b"]" * MAX_DEPTH)


def test_a_pair_of_surrogates_is_one_character():
    assert loads(b'"\\ud83d\\ude00"') == "\U0001f600"


@pytest.mark.parametrize(
    "hostile", [b'"' + b'\\"' * 130_000, b"[" * 40 + b'"' * 260_000, b'["' + b"\\" * 260_000]
)
def test_a_hostile_text_costs_no_more_time_than_its_length(hostile):
    started = perf_counter()

    with pytest.raises(Malformed):
        loads(hostile)

    assert perf_counter() - started < 1
