"""What modules compile while they are read, ready-made: patterns, and code of dataclasses, named
tuples and annotations.

The standard library compiles these again in every process, which is a fifth of a cold start. The
package holds them compiled (`tools/readymade.py`), as it holds the modules themselves. Whatever its
table lacks is compiled as ever; so is everything where there is no table, as outside the package,
or one that another Python has made.
"""

import collections
import dataclasses
import marshal
import typing
from collections.abc import Mapping
from importlib import import_module
from importlib.util import MAGIC_NUMBER
from pathlib import Path
from typing import Any, Protocol

TABLE = Path(__file__).with_suffix(".bin")
_sre: Any = import_module("_sre")
_compiler: Any = import_module("re._compiler")
MARK = (MAGIC_NUMBER, _sre.MAGIC)  # what compiled code, and a compiled pattern, is good for


class Known(Protocol):
    """What is ready, by what it is made of; as bytes, because most of it is never asked for."""

    def get(self, made_of: Any, /) -> bytes | None: ...


def use(table: Path = TABLE) -> bool:
    """From here on, what stands in the table is taken from it.

    Answers whether there is one for this Python.
    """
    if not table.is_file():
        return False
    mark, patterns, code = marshal.loads(table.read_bytes())
    if mark == MARK:
        take(patterns, code)
    return bool(mark == MARK)


def packed(patterns: Mapping[Any, Any], code: Mapping[Any, Any]) -> bytes:
    """The table of these, for this Python: as `take` has them, with what `marshal` can write
    instead of bytes.
    """
    ready = (
        {made_of: marshal.dumps(one) for made_of, one in some.items()} for some in (patterns, code)
    )
    return marshal.dumps((MARK, *ready))


def take(patterns: Known, code: Known) -> None:
    """Has the standard library ask here first.

    `patterns`: by pattern and flags, what `_sre.compile` is called with beside the pattern. `code`:
    by text and mode.
    """
    compile_pattern = _compiler.compile

    def pattern(text: Any, flags: int = 0) -> Any:
        known = patterns.get((text, flags))
        return _sre.compile(text, *marshal.loads(known)) if known else compile_pattern(text, flags)

    def ready(text: str, mode: str) -> Any:
        known = code.get((text, mode))
        return marshal.loads(known) if known else compile(text, "<string>", mode, dont_inherit=True)

    vars(_compiler)["compile"] = pattern
    vars(dataclasses)["exec"] = lambda text, names, made: exec(ready(text, "exec"), names, made)  # noqa: S102
    vars(collections)["eval"] = lambda text, names: eval(ready(text, "eval"), names)
    vars(typing)["compile"] = lambda text, _, mode: ready(text, mode)
