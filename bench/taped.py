"""AWS that answers at once: botocore's real clients (serialising, signing, parsing) over sessions
without a network.

`Aws` answers from the embedded engine. A `Tape` keeps what it answered, and plays it back for next
to nothing, so that what is measured is the client's work and not the engine's.
"""

import base64
import hashlib
import io
import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from botocore import xform_name
from botocore.awsrequest import AWSResponse

from tests.support.memory_dynamodb import MemoryDynamoDB

WRITES = ("TransactWriteItems", "PutItem", "UpdateItem", "BatchWriteItem", "SendMessageBatch")
PDF = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"
Sent = Callable[[Any], AWSResponse]


class Raw(io.BytesIO):
    """A body as urllib3 gives it."""

    def stream(self, *_: Any, **__: Any) -> Iterator[bytes]:
        yield self.read()


class Aws:
    """DynamoDB over the embedded engine, a queue that takes everything, and a store that holds one
    file.
    """

    def __init__(self, engine: MemoryDynamoDB) -> None:
        self.engine = engine

    def send(self, request: Any) -> AWSResponse:
        operation = request.headers.get("X-Amz-Target", b"")
        if not operation:
            return _file(request)
        name = operation.decode().partition(".")[2]
        asked = json.loads(request.body)
        if name == "SendMessageBatch":
            return _answer(
                request, {"Successful": [_taken(one) for one in asked["Entries"]], "Failed": []}
            )
        return _answer(request, getattr(self.engine, xform_name(name))(**asked))


class Tape:
    """Records what is sent through, then plays it back: reads by what they ask, writes by their
    kind. Never guesses.
    """

    def __init__(self, send: Sent) -> None:
        self._send: Sent | None = send
        self._kept: dict[Any, tuple[int, dict[str, str], bytes]] = {}

    def rewind(self) -> None:
        """From here on it only plays back."""
        self._send = None

    def send(self, request: Any) -> AWSResponse:
        name = _name(request)
        if self._send is not None:
            made = self._send(request)
            self._kept[name] = made.status_code, dict(made.headers), made.content
        status, headers, body = self._kept[name]
        return _response(request, status, headers, body)

    def close(self) -> None:
        """Nothing is open."""


def _name(request: Any) -> Any:
    operation = request.headers.get("X-Amz-Target", b"").decode().partition(".")[2]
    if not operation:
        return request.method, request.url, request.headers.get("Range")
    return operation if operation in WRITES else (operation, bytes(request.body))


def _answer(request: Any, said: Any) -> AWSResponse:
    body = json.dumps(said).encode()
    headers = {
        "Content-Type": "application/x-amz-json-1.0",
        "Content-Length": str(len(body)),
        "x-amzn-RequestId": "R" * 52,
    }
    return _response(request, 200, headers, body)


def _taken(entry: dict[str, str]) -> dict[str, str]:
    return {
        "Id": entry["Id"],
        "MessageId": "m",
        "MD5OfMessageBody": hashlib.md5(entry["MessageBody"].encode()).hexdigest(),
    }


def _file(request: Any) -> AWSResponse:
    """The file, whole: it is shorter than any range that is asked for."""
    body = b"" if request.method == "HEAD" else PDF
    headers = {
        "Content-Length": str(len(PDF)),
        "ETag": '"e"',
        "Last-Modified": "Fri, 20 Nov 2026 12:00:00 GMT",
        "x-amz-checksum-sha256": base64.b64encode(hashlib.sha256(PDF).digest()).decode(),
    }
    return _response(request, 200 if request.method == "HEAD" else 206, headers, body)


def _response(request: Any, status: int, headers: Mapping[str, str], body: bytes) -> AWSResponse:
    given: Any = headers
    return AWSResponse(request.url, status, given, Raw(body))
