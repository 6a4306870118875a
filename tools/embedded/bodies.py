"""Read the body of a request within a limit, by Content-Length or in chunks."""

from email.message import Message
from io import BufferedIOBase

LARGEST_BODY = 10_000_000  # bytes, the limit of API Gateway
LONGEST_LINE = 1_024  # bytes, of a line between chunks


class HttpError(Exception):
    """A request that is refused: status, code and detail of the answer."""

    def __init__(self, status: int, code: str, detail: str) -> None:
        super().__init__(detail)
        self.status, self.code, self.detail = status, code, detail


def read_body(headers: Message, stream: BufferedIOBase) -> bytes | None:
    """Return the whole body, or None if there is none.

    Raises:
        HttpError: the body is too large, or its length is missing, invalid or contradictory.
        ConnectionError: the caller closed the connection before the end.
    """
    if "Transfer-Encoding" in headers:
        if "Content-Length" in headers or headers["Transfer-Encoding"].lower() != "chunked":
            raise HttpError(400, "malformed", "Send Content-Length or chunks, not both.")
        return _read_chunks(stream)
    lengths = set(headers.get_all("Content-Length") or [])
    if not lengths:
        return None
    return _read_exactly(_parse_size(lengths.pop() if len(lengths) == 1 else "", 10), stream)


def _read_chunks(stream: BufferedIOBase) -> bytes:
    body = bytearray()
    while size := _parse_size(_read_line(stream).split(";")[0].strip(), 16):
        body += _read_exactly(size, stream, already=len(body))
        if _read_line(stream):
            raise HttpError(400, "malformed", "A chunk is longer than its size.")
    while _read_line(stream):  # trailers
        pass
    return bytes(body)


def _read_exactly(size: int, stream: BufferedIOBase, already: int = 0) -> bytes:
    if already + size > LARGEST_BODY:
        raise HttpError(413, "payload_too_large", f"The body is larger than {LARGEST_BODY} bytes.")
    data = stream.read(size)
    if len(data) < size:
        raise ConnectionResetError("the caller closed the connection within a body")
    return data


def _read_line(stream: BufferedIOBase) -> str:
    line = stream.readline(LONGEST_LINE)
    if not line.endswith(b"\n"):
        raise HttpError(400, "malformed", "A line between chunks is too long.")
    return line.strip().decode("latin-1")


def _parse_size(text: str, base: int) -> int:
    error = HttpError(400, "malformed", "The length of the body is missing or invalid.")
    if not (text.isascii() and text.isalnum() and len(text) < 16):
        raise error
    try:
        return int(text, base)
    except ValueError as invalid:
        raise error from invalid
