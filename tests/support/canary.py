"""A port that must not be called."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any


@contextmanager
def canary(at: str = "127.0.0.1", port: int = 0) -> Iterator[tuple[int, list[Any]]]:
    """A port that should never be called, and afterwards who called it: the system holds callers
    until then.
    """
    calls: list[Any] = []
    with socket.create_server((at, port)) as listening:
        yield listening.getsockname()[1], calls
        listening.setblocking(False)
        with suppress(BlockingIOError):
            while True:
                caller, address = listening.accept()
                caller.close()
                calls.append(address)
