"""Measure the structure of the code, for the table in docs/decisions.md.

    python -m bench.structure [FOLDER]

FOLDER is another checkout, for instance an older version made with `git archive`. A copy is
formatted first, so that lines count the same in any style.
"""

import ast
import io
import shutil
import statistics
import subprocess
import sys
import tempfile
import tokenize
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PRODUCT = ("app.py", "chalicelib", "cpor", "tools")
FOLDERS = (*PRODUCT, "tests", "bench")
LINE_LENGTH, PARAMETERS, COMPLEXITY = 100, 6, 10
LIMITS = (
    "--select=E501,C901,PLR0913",
    f"--config=lint.pylint.max-args={PARAMETERS}",
    f"--config=lint.mccabe.max-complexity={COMPLEXITY}",
    "--output-format=concise",
    "--ignore-noqa",
)
LAYOUT = {
    tokenize.ENCODING,
    tokenize.COMMENT,
    tokenize.NL,
    tokenize.NEWLINE,
    tokenize.INDENT,
    tokenize.DEDENT,
    tokenize.ENDMARKER,
}
Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True)
class Module:
    """A Python file of the product."""

    name: str
    text: str

    @property
    def package_name(self) -> str:
        """The name under which it is imported."""
        return self.name.removesuffix(".__init__")

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.text)

    @cached_property
    def functions(self) -> list[Function]:
        return [node for node in ast.walk(self.tree) if isinstance(node, Function)]

    @cached_property
    def code_tokens(self) -> list[tokenize.TokenInfo]:
        """All tokens but layout, comments and docstrings."""
        docstrings = {statement.lineno for statement in _docstrings(self.tree)}
        return [
            token
            for token in tokenize.generate_tokens(io.StringIO(self.text).readline)
            if token.type not in LAYOUT
            and not (token.type == tokenize.STRING and token.start[0] in docstrings)
        ]

    def list_imports(self) -> Iterator[str]:
        """Yield the names of all imports, also those in functions and for types only."""
        package = self.name.split(".")[:-1]
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                yield from (alias.name for alias in node.names)
            elif isinstance(node, ast.ImportFrom):
                base = package[: len(package) - node.level + 1] if node.level else []
                source = ".".join([*base, *([node.module] if node.module else [])])
                yield source
                yield from (f"{source}.{alias.name}" for alias in node.names)


def main() -> None:
    """Print the figures as rows of a Markdown table."""
    source = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT
    with tempfile.TemporaryDirectory() as copy:
        for name in FOLDERS:
            _copy(source / name, Path(copy) / name)
        _ruff(Path(copy), "format", ".")
        for name, figure in (*_sizes(Path(copy)), *_figures(Path(copy))):
            print(f"| {name} | {figure} |")


def _copy(source: Path, target: Path) -> None:
    if source.is_dir():
        shutil.copytree(source, target, ignore=lambda _, names: [n for n in names if n[0] == "."])
    elif source.exists():
        shutil.copy(source, target)


def _sizes(root: Path) -> Iterator[tuple[str, str]]:
    for name in FOLDERS:
        modules = _modules(root, name)
        lines = sum(len(module.text.splitlines()) for module in modules)
        tokens = sum(len(module.code_tokens) for module in modules)
        yield f"`{name}`: files, lines, tokens", f"{len(modules)}, {lines:,}, {tokens:,}"


def _figures(root: Path) -> Iterator[tuple[str, str]]:
    modules = _modules(root, *PRODUCT)
    functions = [function for module in modules for function in module.functions]
    lengths = sorted((one.end_lineno or 0) - one.lineno + 1 for one in functions)
    tokens = sum(len(module.code_tokens) for module in modules)
    lines = sum(len({token.start[0] for token in module.code_tokens}) for module in modules)
    found = _ruff(root, "check", *LIMITS, *(name for name in PRODUCT if (root / name).exists()))
    yield "all of the product: tokens, tokens per line of code", f"{tokens:,}, {tokens / lines:.1f}"
    yield (
        "lines of a function: median, 90th percentile, maximum",
        f"{statistics.median(lengths):.0f}, {lengths[len(lengths) * 9 // 10]}, {lengths[-1]}",
    )
    yield f"functions with more than {PARAMETERS} parameters", str(found.count(" PLR0913 "))
    yield f"functions with a complexity over {COMPLEXITY}", str(found.count(" C901 "))
    yield f"lines over {LINE_LENGTH} columns", str(found.count(" E501 "))
    yield "import cycles (modules in them)", _describe_cycles(modules)
    yield "imports within functions", str(sum(map(_late_imports, modules)))


def _ruff(folder: Path, command: str, *arguments: str) -> str:
    ruff = [sys.executable, "-m", "ruff", command, "--isolated", "--no-cache", "--quiet"]
    done = subprocess.run(
        [*ruff, f"--line-length={LINE_LENGTH}", *arguments],
        cwd=folder,
        check=False,
        capture_output=True,
        text=True,
    )
    return done.stdout


def _modules(root: Path, *names: str) -> list[Module]:
    """Read the files with these names and those in folders with these names."""
    files = [file for name in names for file in (root / name, *sorted((root / name).rglob("*.py")))]
    return [
        Module(".".join(file.relative_to(root).with_suffix("").parts), file.read_text())
        for file in files
        if file.is_file()
    ]


def _docstrings(tree: ast.Module) -> Iterator[ast.Expr]:
    for node in ast.walk(tree):
        if isinstance(node, Function | ast.ClassDef | ast.Module) and ast.get_docstring(node):
            first = node.body[0]
            assert isinstance(first, ast.Expr)
            yield first


def _late_imports(module: Module) -> int:
    return sum(
        isinstance(node, ast.Import | ast.ImportFrom)
        for function in module.functions
        for node in ast.walk(function)
    )


def _describe_cycles(modules: list[Module]) -> str:
    names = {module.package_name for module in modules}
    graph = {
        module.package_name: set(module.list_imports()) & names - {module.package_name}
        for module in modules
    }
    reached = {name: _reachable(graph, name) for name in graph}
    cyclic = {name for name in graph if name in reached[name]}
    cycles = {
        frozenset(other for other in cyclic & reached[name] if name in reached[other])
        for name in cyclic
    }
    return f"{len(cycles)} ({len(cyclic)})"


def _reachable(graph: dict[str, set[str]], start: str) -> set[str]:
    reached: set[str] = set()
    waiting = [start]
    while waiting:
        found = graph[waiting.pop()] - reached
        reached |= found
        waiting += found
    return reached


if __name__ == "__main__":
    main()
