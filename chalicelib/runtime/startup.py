"""The start of a process: the garbage collector is off while modules are imported, and what they
made is left out of all later collections (https://docs.python.org/3/library/gc.html#gc.freeze).

Import this module before the others, and call `finish` after them.
"""

import gc

gc.disable()


def finish() -> None:
    """Exclude everything made so far from garbage collection, and start collecting."""
    gc.freeze()
    gc.enable()
