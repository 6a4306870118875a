"""Compiles modules for the zip: never checked against their source, and without what only a
terminal shows.

Columns (the carets under a line of a traceback) are a fifth of a compiled module, docstrings of
libraries another tenth; every cold start would unpack and read both. Lines stay, and so do
assertions. A dataclass without a docstring makes one up of its signature, which costs more than
reading one: it gets its name instead.
"""

import ast
import importlib.util
import marshal

from tools.thinning import thinned

Documented = ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef
NO_COLUMNS = {"col_offset": -1, "end_col_offset": -1}
UNCHECKED = (0b01).to_bytes(4, "little")  # PEP 552: by hash, never looked up


def compiled(path: str, source: bytes, documented: bool = True) -> bytes:
    """A `.pyc` that is never checked against its source (PEP 552), naming `path` in tracebacks."""
    tree = thinned(path, ast.parse(source, path))
    for node in ast.walk(tree):
        if isinstance(node, Documented) and not documented:
            _drop_docstring(node)
        if isinstance(node, ast.ClassDef):
            _name_itself(node)
    without_columns(tree)
    code = compile(tree, path, "exec", dont_inherit=True)
    return (
        importlib.util.MAGIC_NUMBER
        + UNCHECKED
        + importlib.util.source_hash(source)
        + marshal.dumps(code)
    )


def without_columns(tree: ast.AST) -> None:
    """Leaves of every place in a text its line."""
    for node in ast.walk(tree):
        if hasattr(node, "lineno"):
            vars(node).update(end_lineno=node.lineno, **NO_COLUMNS)


def _drop_docstring(node: Documented) -> None:
    if ast.get_docstring(node, clean=False) is None:
        return
    line = node.body[0].lineno
    node.body = node.body[1:] or [ast.Pass(lineno=line, end_lineno=line, **NO_COLUMNS)]


def _name_itself(node: ast.ClassDef) -> None:
    if ast.get_docstring(node, clean=False) is None and any(
        "dataclass" in ast.unparse(one) for one in node.decorator_list
    ):
        node.body.insert(
            0, ast.copy_location(ast.Expr(ast.copy_location(ast.Constant(node.name), node)), node)
        )
