"""The start of a process: what is made while modules are read stays as long as the process, so nobody looks whether it
has become rubbish, neither meanwhile nor ever after. Imported before the modules that are to profit."""

import gc

from chalicelib import readymade

gc.disable()
readymade.use()


def over() -> None:
    """All modules are read; from here on there is rubbish."""
    gc.freeze()
    gc.enable()
