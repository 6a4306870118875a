"""AWS without a network: botocore's real clients (serialising, signing, parsing) over HTTP sessions
that answer at once.

`Aws` answers from the embedded engine. A `Tape` records its answers and plays them back at almost
no cost, so that the client's work is measured and not the engine's.
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
Send = Callable[[Any], AWSResponse]


class Raw(io.BytesIO):
    """A body as urllib3 gives it."""

    def stream(self, *_: Any, **__: Any) -> Iterator[bytes]:
        yield self.read()


class Aws:
    """DynamoDB over the embedded engine, a queue that accepts everything, and an object store with
    one file.
    """

    def __init__(self, engine: MemoryDynamoDB) -> None:
        self.engine = engine

    def send(self, request: Any) -> AWSResponse:
        operation = request.headers.get("X-Amz-Target", b"")
        if not operation:
            return _file(request)
        name = operation.decode().partition(".")[2]
        params = json.loads(request.body)
        if name == "SendMessageBatch":
            accepted = [_accept(entry) for entry in params["Entries"]]
            return _answer(request, {"Successful": accepted, "Failed": []})
        return _answer(request, getattr(self.engine, xform_name(name))(**params))


class Tape:
    """Records responses, then plays them back: of reads by their parameters, of writes by their
    operation. Raises `KeyError` for a request that was not recorded.
    """

    def __init__(self, send: Send) -> None:
        self._send: Send | None = send
        self._recorded: dict[Any, tuple[int, dict[str, str], bytes]] = {}

    def replay(self) -> None:
        """Only play back from now on."""
        self._send = None

    def send(self, request: Any) -> AWSResponse:
        name = _name(request)
        if self._send is not None:
            response = self._send(request)
            headers = dict(response.headers)
            self._recorded[name] = response.status_code, headers, response.content
        status, headers, body = self._recorded[name]
        return _response(request, status, headers, body)

    def close(self) -> None:
        """Do nothing: there is no connection."""


def _name(request: Any) -> Any:
    operation = request.headers.get("X-Amz-Target", b"").decode().partition(".")[2]
    if not operation:
        return request.method, request.url, request.headers.get("Range")
    return operation if operation in WRITES else (operation, bytes(request.body))


def _answer(request: Any, content: Any) -> AWSResponse:
    body = json.dumps(content).encode()
    headers = {
        "Content-Type": "application/x-amz-json-1.0",
        "Content-Length": str(len(body)),
        "x-amzn-RequestId": "R" * 52,
    }
    return _response(request, 200, headers, body)


def _accept(entry: dict[str, str]) -> dict[str, str]:
    return {
        "Id": entry["Id"],
        "MessageId": "m",
        "MD5OfMessageBody": hashlib.md5(entry["MessageBody"].encode()).hexdigest(),
    }


def _file(request: Any) -> AWSResponse:
    """The whole file, which is shorter than any requested range."""
    body = b"" if request.method == "HEAD" else PDF
    headers = {
        "Content-Length": str(len(PDF)),
        "ETag": '"e"',
        "Last-Modified": "Fri, 20 Nov 2026 12:00:00 GMT",
        "x-amz-checksum-sha256": base64.b64encode(hashlib.sha256(PDF).digest()).decode(),
    }
    return _response(request, 200 if request.method == "HEAD" else 206, headers, body)


def _response(request: Any, status: int, headers: Mapping[str, str], body: bytes) -> AWSResponse:
    untyped: Any = headers  # its stub wants its own class
    return AWSResponse(request.url, status, untyped, Raw(body))
