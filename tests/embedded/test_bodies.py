"""What the front reads of a body, and what it refuses."""

from email.message import Message
from io import BytesIO

import pytest

from tools.embedded import bodies
from tools.embedded.bodies import HttpError


def headers(**values: str) -> Message:
    made = Message()
    for name, value in values.items():
        made[name.replace("_", "-")] = value
    return made


def test_a_request_without_a_length_has_no_body():
    assert bodies.read_body(headers(), BytesIO(b"ignored")) is None


def test_a_body_ends_where_its_length_says():
    stream = BytesIO(b"abcdef")

    assert bodies.read_body(headers(Content_Length="3"), stream) == b"abc"
    assert stream.read() == b"def"


def test_chunks_are_put_together():
    stream = BytesIO(b"3\r\nabc\r\nA;name=value\r\n0123456789\r\n0\r\nTrailer: x\r\n\r\nnext")

    assert bodies.read_body(headers(Transfer_Encoding="chunked"), stream) == b"abc0123456789"
    assert stream.read() == b"next"


@pytest.mark.parametrize("length", ["abc", "-1", "+3", "3_0", "", "٣", "0x3", "9" * 17, "1e3"])
def test_a_length_that_is_no_number_is_refused(length):
    with pytest.raises(HttpError) as refusal:
        bodies.read_body(headers(Content_Length=length), BytesIO(b"abc"))

    assert refusal.value.status == 400


def test_two_lengths_are_refused():
    asked = headers(Content_Length="3")
    asked["Content-Length"] = "4"

    with pytest.raises(HttpError, match="length of the body"):
        bodies.read_body(asked, BytesIO(b"abcd"))


@pytest.mark.parametrize("coding", ["gzip", "gzip, chunked", "identity"])
def test_another_coding_than_chunks_is_refused(coding):
    with pytest.raises(HttpError):
        bodies.read_body(headers(Transfer_Encoding=coding), BytesIO(b"0\r\n\r\n"))


def test_a_length_together_with_chunks_is_refused():
    with pytest.raises(HttpError):
        bodies.read_body(
            headers(Transfer_Encoding="chunked", Content_Length="3"), BytesIO(b"0\r\n\r\n")
        )


@pytest.mark.parametrize(
    "stream",
    [b"xyz\r\n", b"-1\r\n", b"\r\n", b"3\r\nabcd\r\n0\r\n\r\n", b"1" * 2000 + b"\r\n", b"3"],
)
def test_chunks_that_say_no_true_length_are_refused(stream):
    with pytest.raises(HttpError) as refusal:
        bodies.read_body(headers(Transfer_Encoding="chunked"), BytesIO(stream))

    assert refusal.value.status == 400


def test_a_body_one_byte_too_large_is_refused_before_it_is_read():
    with pytest.raises(HttpError) as refusal:
        bodies.read_body(headers(Content_Length=str(bodies.LARGEST_BODY + 1)), BytesIO())

    assert (refusal.value.status, refusal.value.code) == (413, "payload_too_large")


def test_chunks_that_are_too_large_together_are_refused():
    half = bodies.LARGEST_BODY // 2 + 1
    stream = BytesIO((f"{half:x}\r\n".encode() + b"x" * half + b"\r\n") * 2 + b"0\r\n\r\n")

    with pytest.raises(HttpError) as refusal:
        bodies.read_body(headers(Transfer_Encoding="chunked"), stream)

    assert refusal.value.status == 413


def test_a_caller_who_hangs_up_is_no_request():
    with pytest.raises(ConnectionError):
        bodies.read_body(headers(Content_Length="10"), BytesIO(b"abc"))
