"""A function as Lambda runs it: the zip unpacked, AWS's own runtime client, the runtime's boto3,
and nothing else.

Lambda's side of the Runtime API is a small server here: it hands out events and takes answers. The
client's native part reads every header that the real one sends, so all of them are sent.
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

# What lies in a Lambda environment of Python beside the function. Nothing else may be found by it.
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
SECONDS = 25.0  # what an invocation may take; the API's functions have as much


class FunctionFailed(Exception):
    """The function raised, did not start, or did not answer. Carries what it said."""


@dataclass
class Lambda:
    """Lambda's side: `events` still to be handed out, `answers` by the function, in their order."""

    events: queue.Queue[bytes | None] = field(default_factory=queue.Queue)
    answers: queue.Queue[tuple[str, bytes]] = field(default_factory=queue.Queue)

    @cached_property
    def server(self) -> ThreadingHTTPServer:
        return ThreadingHTTPServer(
            ("127.0.0.1", 0), type("Asked", (_RuntimeApi,), {"behind": self})
        )


@dataclass(frozen=True)
class Function:
    """A running function."""

    process: subprocess.Popen[bytes]
    behind: Lambda
    log: Path

    def __call__(self, event: Any, seconds: float = SECONDS) -> Any:
        """Its answer to an event, both as JSON. Raises `FunctionFailed`."""
        self.behind.events.put(json.dumps(event).encode())
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            try:
                kind, body = self.behind.answers.get(timeout=0.2)
            except queue.Empty:
                if self.process.poll() is not None:
                    break
                continue
            if kind == "response":
                return json.loads(body)
            raise FunctionFailed(f"{body.decode()}\n{self.log.read_text()}")
        raise FunctionFailed(f"No answer (ended: {self.process.poll()}):\n{self.log.read_text()}")


def unpack(archive: Path, folder: Path) -> Path:
    """The zip as it lies in the task folder."""
    with zipfile.ZipFile(archive) as opened:
        opened.extractall(folder)
    return folder


def link_provided(folder: Path) -> Path:
    """A folder with what Lambda provides, and nothing else of this environment; all of it compiled,
    as there.
    """
    folder.mkdir()
    for name in PROVIDED:
        known = distribution(name)
        for top in {
            file.parts[0]
            for file in known.files or ()
            if file.parts[0] not in {"..", "__pycache__"}
        }:
            (folder / top).symlink_to(Path(str(known.locate_file(top))))
    for module in folder.glob(
        "*.py"
    ):  # a package brings its compiled modules along, a single file does not
        py_compile.compile(str(module), doraise=True)
    return folder


@contextmanager
def start(
    task: Path, handler: str, beside: Path, variables: Mapping[str, str], under: Sequence[str] = ()
) -> Iterator[Function]:
    """A new process for a handler, ended afterwards. `beside`: the folder of `provided`.
    `variables`: all of its environment but what Lambda itself sets. `under`: a command that runs
    it, such as one that counts.
    """
    behind, log = Lambda(), task.parent / f"{task.name}-{handler}.log"
    Thread(target=behind.server.serve_forever, daemon=True).start()
    with log.open("wb") as said:
        process = subprocess.Popen(
            [*under, sys.executable, "-S", "-m", "awslambdaric", handler],
            cwd=task,
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=subprocess.STDOUT,
            env=_environment(task, handler, beside, behind) | dict(variables),
        )
    try:
        yield Function(process, behind, log)
    finally:
        process.terminate()
        process.wait(SECONDS)
        behind.events.put(None)
        behind.server.shutdown()
        behind.server.server_close()


def _environment(task: Path, handler: str, beside: Path, behind: Lambda) -> dict[str, str]:
    return {
        "AWS_LAMBDA_RUNTIME_API": f"127.0.0.1:{behind.server.server_port}",
        "_HANDLER": handler,
        "LAMBDA_TASK_ROOT": str(task),
        "PYTHONPATH": str(beside),
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONHASHSEED": "0",
        "PATH": os.defpath,
        "LANG": "en_US.UTF-8",
        "AWS_REGION": "us-east-1",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_LAMBDA_FUNCTION_NAME": "cpor",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "1024",
        "AWS_EXECUTION_ENV": "AWS_Lambda_python3.11",
    }


class _RuntimeApi(BaseHTTPRequestHandler):
    behind: Lambda
    protocol_version = "HTTP/1.1"

    def handle(self) -> None:
        with suppress(ConnectionError):  # the function may be ended while it waits
            super().handle()

    def do_GET(self) -> None:
        event = self.behind.events.get()
        if event is None:
            self.close_connection = True
            return
        number = f"00000000-0000-4000-8000-{time.monotonic_ns() % 10**12:012d}"
        self._say(
            200,
            event,
            {
                "Lambda-Runtime-Aws-Request-Id": number,
                "Lambda-Runtime-Invoked-Function-Arn": ARN,
                "Lambda-Runtime-Deadline-Ms": str(int((time.time() + SECONDS) * 1000)),
                "Lambda-Runtime-Trace-Id": "Root=1-6740aa00-0123456789abcdef01234567;Sampled=0",
            },
        )

    def do_POST(self) -> None:
        self.behind.answers.put((self.path.rpartition("/")[2], self._body()))
        self._say(202, b'{"status":"OK"}', {})

    def _body(self) -> bytes:
        """The native client sends in chunks."""
        if self.headers.get("Transfer-Encoding") != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length", 0)))
        whole = b""
        while size := int(self.rfile.readline(), 16):
            whole += self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()
        return whole

    def _say(self, status: int, body: bytes, headers: Mapping[str, str]) -> None:
        self.send_response(status)
        for name, value in {
            **headers,
            "Content-Type": "application/json",
            "Content-Length": str(len(body)),
        }.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Says nothing."""
