"""Reads the body of a request within a limit, whether it says its length beforehand or comes in
chunks.
"""

from email.message import Message
from io import BufferedIOBase

LARGEST_BODY = 10_000_000  # bytes; API Gateway takes no more
LONGEST_LINE = 1_024


class Refused(Exception):
    """A request that gets no further than here: status, code and what to say."""

    def __init__(self, status: int, code: str, detail: str) -> None:
        super().__init__(detail)
        self.status, self.code, self.detail = status, code, detail


def read(headers: Message, stream: BufferedIOBase) -> bytes | None:
    """The whole body, or None if there is none.

    Raises:
        Refused: it is too large, or says its length in two ways or in none that can be understood.
        ConnectionError: the caller hung up in the middle.
    """
    if "Transfer-Encoding" in headers:
        if "Content-Length" in headers or headers["Transfer-Encoding"].lower() != "chunked":
            raise Refused(
                400, "malformed", "Either Content-Length or chunks, not both and nothing else."
            )
        return _chunks(stream)
    lengths = set(headers.get_all("Content-Length") or [])
    if not lengths:
        return None
    return _exactly(_number("".join(lengths), 10) if len(lengths) == 1 else _number("", 10), stream)


def _chunks(stream: BufferedIOBase) -> bytes:
    whole = bytearray()
    while size := _number(_line(stream).split(";")[0].strip(), 16):
        whole += _exactly(size, stream, already=len(whole))
        if _line(stream):
            raise Refused(400, "malformed", "A chunk is not as long as it says.")
    while _line(stream):
        pass
    return bytes(whole)


def _exactly(size: int, stream: BufferedIOBase, already: int = 0) -> bytes:
    if already + size > LARGEST_BODY:
        raise Refused(413, "payload_too_large", f"The body is larger than {LARGEST_BODY} bytes.")
    data = stream.read(size)
    if len(data) < size:
        raise ConnectionResetError("the caller hung up in the middle of a body")
    return data


def _line(stream: BufferedIOBase) -> str:
    line = stream.readline(LONGEST_LINE)
    if not line.endswith(b"\n"):
        raise Refused(400, "malformed", "A line of the body's frame is too long.")
    return line.strip().decode("latin-1")


def _number(text: str, base: int) -> int:
    if not (text.isascii() and text.isalnum() and len(text) < 16):
        raise Refused(400, "malformed", "The body does not say how long it is.")
    try:
        return int(text, base)
    except ValueError as other:
        raise Refused(400, "malformed", "The body does not say how long it is.") from other
