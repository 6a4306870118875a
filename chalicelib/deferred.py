"""Modules that are read when something of them is asked for, where those who import them seldom
ask.
"""

import sys
from importlib import import_module
from importlib.util import LazyLoader, find_spec, module_from_spec


def defer(name: str) -> None:
    """Puts a module of a package in its place unread; does nothing when it has been read, or is not
    there.
    """
    if name in sys.modules:
        return
    found = find_spec(name)
    if found is None or found.loader is None:
        return
    found.loader = LazyLoader(found.loader)
    parent, _, own = name.rpartition(".")
    sys.modules[name] = module = module_from_spec(found)
    found.loader.exec_module(module)
    setattr(import_module(parent), own, module)
