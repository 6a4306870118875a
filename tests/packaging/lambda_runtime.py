"""Run a function as Lambda does: the unpacked zip, AWS's own runtime client, what the runtime
provides, and nothing else.

Lambda's side of the Runtime API is a small server here, which sends events and receives answers.
The client's native part reads every header of the real one, so all of them are sent.
(https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html)
"""

import json
import os
import py_compile
import queue
import subprocess
import sys
import time
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import cached_property
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.metadata import distribution
from pathlib import Path
from threading import Thread
from typing import Any

from tools.packaging.target import HOST

# What Lambda's Python runtime provides. A function can import nothing else that is not in its zip.
PROVIDED = (
    "awslambdaric",
    "simplejson",
    "snapshot-restore-py",
    "boto3",
    "botocore",
    "s3transfer",
    "jmespath",
    "python-dateutil",
    "six",
    "urllib3",
)
ARN = "arn:aws:lambda:us-east-1:000000000000:function:cpor"
SECONDS = 25.0  # that an invocation may take, as the API's function


class FunctionFailed(Exception):
    """The function raised, did not start, or did not answer. Carries its output."""


@dataclass
class Lambda:
    """Lambda's side: `events` to be sent, and `answers` of the function, in their order."""

    events: queue.Queue[bytes | None] = field(default_factory=queue.Queue)
    answers: queue.Queue[tuple[str, bytes]] = field(default_factory=queue.Queue)

    @cached_property
    def server(self) -> ThreadingHTTPServer:
        handler = type("Handler", (_RuntimeApi,), {"side": self})
        return ThreadingHTTPServer(("127.0.0.1", 0), handler)


@dataclass(frozen=True)
class Function:
    """A running function."""

    process: subprocess.Popen[bytes]
    side: Lambda
    log: Path

    def __call__(self, event: Any, seconds: float = SECONDS) -> Any:
        """Return its answer to an event. Raises `FunctionFailed`."""
        self.side.events.put(json.dumps(event).encode())
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            try:
                kind, body = self.side.answers.get(timeout=0.2)
            except queue.Empty:
                if self.process.poll() is not None:
                    break
                continue
            if kind == "response":
                return json.loads(body)
            raise FunctionFailed(f"{body.decode()}\n{self.log.read_text()}")
        raise FunctionFailed(f"No answer (ended: {self.process.poll()}):\n{self.log.read_text()}")


def unpack(archive: Path, folder: Path) -> Path:
    """Unpack the zip as it is in the task folder."""
    with zipfile.ZipFile(archive) as opened:
        opened.extractall(folder)
    return folder


def link_provided(folder: Path) -> Path:
    """Make a folder with what Lambda provides, compiled, and nothing else of this environment."""
    folder.mkdir()
    for name in PROVIDED:
        installed = distribution(name)
        tops = {file.parts[0] for file in installed.files or ()} - {"..", "__pycache__"}
        for top in tops:
            (folder / top).symlink_to(Path(str(installed.locate_file(top))))
    # The compiled modules of a linked package are in its folder, those of a single file are not.
    for module in folder.glob("*.py"):
        py_compile.compile(str(module), doraise=True)
    return folder


@contextmanager
def start(
    task: Path,
    handler: str,
    provided: Path,
    variables: Mapping[str, str],
    under: Sequence[str] = (),
) -> Iterator[Function]:
    """Start a new process for a handler, and end it after the block.

    `provided`: the folder of `link_provided`. `variables`: its environment, apart from what Lambda
    itself sets. `under`: a command that runs it, such as one that counts.
    """
    side, log = Lambda(), task.parent / f"{task.name}-{handler}.log"
    Thread(target=side.server.serve_forever, daemon=True).start()
    with log.open("wb") as output:
        process = subprocess.Popen(
            [*under, sys.executable, "-S", "-m", "awslambdaric", handler],
            cwd=task,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=_environment(task, handler, provided, side) | dict(variables),
        )
    try:
        yield Function(process, side, log)
    finally:
        process.terminate()
        process.wait(SECONDS)
        side.events.put(None)
        side.server.shutdown()
        side.server.server_close()


def _environment(task: Path, handler: str, provided: Path, side: Lambda) -> dict[str, str]:
    return {
        "AWS_LAMBDA_RUNTIME_API": f"127.0.0.1:{side.server.server_port}",
        "AWS_LAMBDA_FUNCTION_NAME": "cpor",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "1024",
        "AWS_EXECUTION_ENV": f"AWS_Lambda_{HOST.runtime}",
        "AWS_REGION": "us-east-1",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "_HANDLER": handler,
        "LAMBDA_TASK_ROOT": str(task),
        "PYTHONPATH": str(provided),
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONHASHSEED": "0",
        "PATH": os.defpath,
        "LANG": "en_US.UTF-8",
    }


class _RuntimeApi(BaseHTTPRequestHandler):
    side: Lambda
    protocol_version = "HTTP/1.1"

    def handle(self) -> None:
        with suppress(ConnectionError):  # the function may be ended while it waits
            super().handle()

    def do_GET(self) -> None:
        event = self.side.events.get()
        if event is None:
            self.close_connection = True
            return
        number = f"00000000-0000-4000-8000-{time.monotonic_ns() % 10**12:012d}"
        headers = {
            "Lambda-Runtime-Aws-Request-Id": number,
            "Lambda-Runtime-Invoked-Function-Arn": ARN,
            "Lambda-Runtime-Deadline-Ms": str(int((time.time() + SECONDS) * 1000)),
            "Lambda-Runtime-Trace-Id": "Root=1-6740aa00-0123456789abcdef01234567;Sampled=0",
        }
        self._respond(200, event, headers)

    def do_POST(self) -> None:
        self.side.answers.put((self.path.rpartition("/")[2], self._read_body()))
        self._respond(202, b'{"status":"OK"}', {})

    def _read_body(self) -> bytes:
        """Read the body, which the native client sends in chunks."""
        if self.headers.get("Transfer-Encoding") != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length", 0)))
        whole = b""
        while size := int(self.rfile.readline(), 16):
            whole += self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()
        return whole

    def _respond(self, status: int, body: bytes, headers: Mapping[str, str]) -> None:
        self.send_response(status)
        content = {"Content-Type": "application/json", "Content-Length": str(len(body))}
        for name, value in {**headers, **content}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Write nothing."""
