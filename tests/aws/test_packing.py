"""Every value can be packed, and is the same when unpacked."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.aws.compression import MIN_LENGTH, compress, decompress, load_dictionary

RECORDED = "01abc65a778d8a8e8a0e9c2800"
DICTIONARY_1 = "7100e9355d178959637939607cb34f08f844b9d354942da4b906d4acc7981186"


@given(st.text(min_size=MIN_LENGTH, max_size=3 * MIN_LENGTH))
def test_a_large_value_comes_back_as_it_was(text):
    stored = compress(text)

    assert isinstance(stored, bytes)
    assert decompress(stored) == text


def test_a_small_value_stays_readable():
    assert compress('{"locked":true}') == '{"locked":true}'


def test_rows_packed_with_the_first_dictionary_are_read_for_ever():
    recorded = bytes.fromhex(RECORDED)

    assert decompress(recorded) == '{"status":"submitted",' * 30


def test_a_dictionary_that_was_used_is_never_edited():
    import hashlib

    assert hashlib.sha256(load_dictionary(1)).hexdigest() == DICTIONARY_1


def test_bytes_that_are_no_packed_value_raise():
    with pytest.raises((FileNotFoundError, ValueError, OSError)):
        decompress(b"\xffnothing of ours")
