"""The one place where modules are imported late: by name, when a function of theirs is needed.

A new process then reads only what its first request or message needs. Inside these modules,
imports stand at the top as everywhere.
"""

from importlib import import_module
from typing import Any

PACKAGE = "chalicelib"


def load(name: str) -> Any:
    """Return the function `module:function` of this package, importing its module if need be.

    Safe with threads: the import system lets the second one wait until the module is complete.
    """
    module, _, function = name.partition(":")
    return getattr(import_module(f"{PACKAGE}.{module}"), function)
