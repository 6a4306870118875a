"""Run MiniStack in its own environment, with three additions.

* It ends when the process that started it is gone (which holds the other end of stdin), and then
  deletes its working folder.
* With persistence, it saves a few seconds after every change; MiniStack itself saves only when it
  is stopped.
* It answers only to this machine's names and hides its administration: `/_ministack/reset` needs no
  password, so any web page open in a browser here could otherwise delete everything.

It uses two private functions of MiniStack (`_build_persistence_save_dict`, `save_all`), which is
why the version is pinned in pyproject.toml.
"""

import asyncio
import atexit
import os
import shutil
import signal
import sys
import threading
import time
from collections.abc import Awaitable, Callable
from typing import Any

from hypercorn.asyncio import serve
from hypercorn.config import Config
from ministack import app as ministack
from ministack.core import persistence

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[Scope]]
Send = Callable[[Scope], Awaitable[None]]

SECONDS_BETWEEN_SAVES = 3.0
SECONDS_TO_STOP = 60.0  # as tools/embedded/emulator.py: saving 100,000 rows takes 6 seconds
SECONDS_IDLE = 75.0  # MiniStack's own value; longer than clients keep a connection
READ_OPERATIONS = (
    b".Query",
    b".GetItem",
    b".BatchGetItem",
    b".TransactGetItems",
    b".ReceiveMessage",
)
OPEN_ADMINISTRATION = ("/_ministack/ready", "/_ministack/health")
NAMES = ("127.0.0.1", "localhost")


class GuardedApp:
    """MiniStack's application behind a check of host and path.

    It notes whether anything was written.
    """

    def __init__(self, inner: Callable[[Scope, Receive, Send], Awaitable[None]]) -> None:
        self._inner = inner
        self._changed = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan" and ministack.PERSIST_STATE:
            self._saving = asyncio.get_running_loop().create_task(self._save_periodically())
        if scope["type"] == "http":
            if not _is_allowed(scope):
                await _refuse(send)
                return
            self._changed |= not _is_read(scope)
        await self._inner(scope, receive, send)

    async def _save_periodically(self) -> None:
        while True:
            await asyncio.sleep(SECONDS_BETWEEN_SAVES)
            if self._changed:
                self._changed = False
                persistence.save_all(ministack._build_persistence_save_dict())


def _is_allowed(scope: Scope) -> bool:
    host = dict(scope["headers"]).get(b"host", b"").decode("latin-1").rsplit(":", 1)[0].lower()
    path: str = scope["path"]
    return (host in NAMES or host.endswith(".localhost")) and (
        not path.startswith(("/_ministack/", "/_localstack/")) or path in OPEN_ADMINISTRATION
    )


def _is_read(scope: Scope) -> bool:
    target = dict(scope["headers"]).get(b"x-amz-target", b"")
    return scope["method"] in ("GET", "HEAD") or bool(target.endswith(READ_OPERATIONS))


async def _refuse(send: Send) -> None:
    await send(
        {
            "type": "http.response.start",
            "status": 403,
            "headers": [(b"content-type", b"text/plain")],
        }
    )
    await send({"type": "http.response.body", "body": b"Not available.\n"})


def _exit_with_parent() -> None:
    while os.read(0, 1024):  # not sys.stdin: its lock would be held when the interpreter ends
        pass
    atexit.register(shutil.rmtree, os.getcwd(), ignore_errors=True)
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(SECONDS_TO_STOP)
    shutil.rmtree(os.getcwd(), ignore_errors=True)
    os._exit(1)  # a function that does not end would keep it running


def main() -> None:
    """Serve on the listening socket whose number is the only argument, until SIGTERM."""
    threading.Thread(target=_exit_with_parent, daemon=True).start()
    config = Config()
    config.bind = [f"fd://{sys.argv[1]}"]
    config.keep_alive_timeout = SECONDS_IDLE
    config.loglevel = "WARNING"
    asyncio.run(serve(GuardedApp(ministack.app), config))


if __name__ == "__main__":
    main()
