"""The start of a process: what is made while modules are read stays as long as the process, so
nobody looks whether it has become rubbish, neither meanwhile nor ever after. Imported before the
modules that are to profit.
"""

import gc

from chalicelib import readymade
from chalicelib.deferred import defer

# New objects until somebody looks for rubbish. Python's 700 are for programs that live on circles;
# a request leaves next to none, and the first one makes clients and shapes that stay.
SELDOM = 10_000

# What customers and reviewers do is read when the first of them comes: most processes begin with a
# partner. In the package only, where a process has one request at a time: the lazy loader is not
# made for threads.
OTHERS = tuple(
    f"chalicelib.usecases.{name}" for name in ("arbitrating", "customer", "hand", "reviewing")
)

gc.disable()
if readymade.use():
    for name in OTHERS:
        defer(name)


def over() -> None:
    """All modules are read; from here on there is rubbish, but little."""
    gc.freeze()
    gc.set_threshold(SELDOM)
    gc.enable()
