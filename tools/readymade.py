"""The table of what modules compile while they are read (`chalicelib/readymade.py`), for the
package.

A process reads all modules of the application, makes its clients and builds its models, and notes
whatever it had to compile; that is compiled here. botocore and the standard library may be other
ones in the function: then some of their parts are not found in the table, and compiled as ever.
"""

import ast
import marshal
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from chalicelib import readymade
from tools.errors import CannotGoOn
from tools.packaging.bytecode import without_columns

FILE = "chalicelib/readymade.bin"
ROOT = Path(__file__).resolve().parent.parent
LISTEN = "from tools.listening import main; main()"
Noted = tuple[list[tuple[str | bytes, int]], list[tuple[str, str]]]


def data(project: Path) -> dict[str, bytes]:
    """The table of the application in this folder, by its path in the package."""
    patterns, code = _noted(project)
    return {FILE: readymade.packed(dict(_patterns(patterns)), dict(_code(code)))}


def _noted(project: Path) -> Noted:
    """What its process had to compile; `-S`, because what is imported before it listens stays
    unheard.
    """
    known = {"PYTHONPATH": os.pathsep.join([str(ROOT), *filter(None, sys.path)]), "PYTHONDONTWRITEBYTECODE": "1", "PYTHONHASHSEED": "0",
             "AWS_DEFAULT_REGION": "us-east-1", "AWS_ACCESS_KEY_ID": "-", "AWS_SECRET_ACCESS_KEY": "-"}  # fmt: skip
    done = subprocess.run(
        [sys.executable, "-S", "-c", LISTEN],
        cwd=project,
        env=os.environ | known,
        check=False,
        capture_output=True,
    )
    if done.returncode:
        raise CannotGoOn(
            f"The application in {project} does not start:\n{done.stderr.decode()[-2000:]}",
            "Mend what it names.",
        )
    noted: Noted = marshal.loads(done.stdout)
    return noted


def _patterns(
    noted: list[tuple[str | bytes, int]],
) -> Iterator[tuple[tuple[str | bytes, int], tuple[Any, ...]]]:
    """What a compiled pattern is made of, as the standard library would make it: its own compiler,
    up to the last step.
    """
    compiler: Any = readymade._compiler
    last = compiler._sre
    compiler._sre = SimpleNamespace(**vars(last) | {"compile": _spoken})
    try:
        for text, flags in noted:
            yield (text, flags), compiler.compile(text, flags)
    finally:
        compiler._sre = last


def _spoken(
    _: Any,
    flags: int,
    code: list[int],
    groups: int,
    names: dict[str, int],
    by_number: tuple[str | None, ...],
) -> Any:
    return int(flags), [int(one) for one in code], groups, dict(names), by_number


def _code(noted: list[tuple[str, str]]) -> Iterator[tuple[tuple[str, str], Any]]:
    for text, mode in noted:
        try:
            tree: Any = ast.parse(text, "<string>", mode)
        except SyntaxError:  # an annotation that is no expression; it is refused wherever it is met
            continue
        without_columns(tree)
        yield (text, mode), compile(tree, "<string>", mode, dont_inherit=True)
