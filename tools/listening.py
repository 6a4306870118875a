"""Reads an application as a function would, and says on its standard output what had to be compiled
meanwhile.

Runs in a process of its own, in the folder of the application: what a process has compiled once it
never compiles again. For the same reason everything that is to be heard is imported late.
"""

import marshal
import pkgutil
import sys
from importlib import import_module
from typing import Any

from chalicelib import readymade


class Noting(dict[Any, None]):
    """Knows nothing, and remembers what it was asked for."""

    def get(self, made_of: Any, default: Any = None, /) -> Any:
        self[made_of] = None
        return default


def main() -> None:
    patterns, code = Noting(), Noting()
    readymade.take(patterns, code)
    import_module("app")
    for module in pkgutil.walk_packages(import_module("chalicelib").__path__, "chalicelib."):
        import_module(module.name)
    import_module("chalicelib.web.auth.tokens")._signed(
        "ES256", "{}", b"", b""
    )  # as with the first token
    "localhost".encode("idna")  # as every connection does
    _make_clients()
    _build(import_module("pydantic").BaseModel)
    kept = [(text, int(flags)) for text, flags in patterns if isinstance(text, str | bytes)]
    sys.stdout.buffer.write(marshal.dumps((kept, list(code))))


def _make_clients() -> None:
    clients = import_module("chalicelib.aws.clients")
    for service in import_module("tools.packaging.botocore_data").OPERATIONS:
        clients.client(service)


def _build(model: Any) -> None:
    """All shapes below this one; what is generic is built of what it is used with."""
    for one in model.__subclasses__():
        if one.__module__.startswith("chalicelib."):
            one.model_rebuild()
        _build(one)
