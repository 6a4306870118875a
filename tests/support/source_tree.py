"""The repository's Python files, parsed once, and what they import."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Import:
    """One imported name.

    at_top: not in a function, nor for the type checker only.
    for_types: at the top, for the type checker only.
    """

    name: str
    line: int
    at_top: bool
    for_types: bool


@dataclass(frozen=True)
class Module:
    """One Python file. `path`: from the root; `name`: as it is imported."""

    path: str

    @property
    def name(self) -> str:
        return self.path.removesuffix(".py").replace("/", ".").removesuffix(".__init__")

    @property
    def layer(self) -> str:
        """The package of `chalicelib` that it belongs to; else the first part of its name."""
        parts = self.name.split(".")
        return parts[1] if parts[0] == "chalicelib" and len(parts) > 1 else parts[0]

    @cached_property
    def source(self) -> str:
        return (ROOT / self.path).read_text(encoding="utf-8")

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.source)

    @cached_property
    def imports(self) -> tuple[Import, ...]:
        """Everything it imports, wherever in it: for the type checker only and in functions, too.

        `from a import b` imports `a.b`.
        """
        at_top = set(self.tree.body)
        for_types = {
            node
            for test in at_top
            if isinstance(test, ast.If) and ast.unparse(test.test) == "TYPE_CHECKING"
            for node in test.body
        }
        return tuple(
            Import(name, node.lineno, node in at_top, node in for_types)
            for node in ast.walk(self.tree)
            if isinstance(node, ast.Import | ast.ImportFrom)
            for name in self._names(node)
        )

    def _names(self, node: ast.Import | ast.ImportFrom) -> Iterator[str]:
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
            return
        package = self.path.removesuffix(".py").split("/")[: -node.level] if node.level else []
        stem = ".".join([*package, *([node.module] if node.module else [])])
        yield from (f"{stem}.{alias.name}" for alias in node.names)


@cache
def modules(*tops: str) -> tuple[Module, ...]:
    """The modules under these files and folders of the root, in order of their paths."""
    files = [
        path
        for top in tops
        for path in ([ROOT / top] if top.endswith(".py") else (ROOT / top).rglob("*.py"))
    ]
    return tuple(Module(str(path.relative_to(ROOT))) for path in sorted(files))


def cycles(some: tuple[Module, ...]) -> list[list[str]]:
    """The groups of modules that import each other, directly or through others."""
    names = {module.name for module in some}
    edges = {
        module.name: sorted(
            {_module_of(one.name, names) for one in module.imports} & names - {module.name}
        )
        for module in some
    }
    return [sorted(group) for group in _components(edges) if len(group) > 1]


def _module_of(name: str, names: set[str]) -> str:
    """The module that an imported name is, or is in."""
    return name if name in names else name.rpartition(".")[0]


def _components(edges: dict[str, list[str]]) -> list[list[str]]:
    """The strongly connected components of a graph (Kosaraju's two passes)."""
    finished: list[str] = []
    _visit_all(edges, list(edges), finished)
    reverse: dict[str, list[str]] = {node: [] for node in edges}
    for node, targets in edges.items():
        for target in targets:
            reverse[target].append(node)
    seen: set[str] = set()
    return [_reach(reverse, node, seen) for node in reversed(finished) if node not in seen]


def _visit_all(edges: dict[str, list[str]], nodes: list[str], finished: list[str]) -> None:
    """Append every node to `finished` after all that it leads to."""
    seen: set[str] = set()

    def visit(node: str) -> None:
        seen.add(node)
        for target in edges[node]:
            if target not in seen:
                visit(target)
        finished.append(node)

    for node in nodes:
        if node not in seen:
            visit(node)


def _reach(edges: dict[str, list[str]], start: str, seen: set[str]) -> list[str]:
    """What can be reached from a node and is not in `seen`, which grows by it."""
    waiting, found = [start], []
    seen.add(start)
    while waiting:
        found.append(waiting.pop())
        fresh = [node for node in edges[found[-1]] if node not in seen]
        seen.update(fresh)
        waiting += fresh
    return found
