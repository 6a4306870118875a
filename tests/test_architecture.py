"""The house keeps its rooms: who may import whom, where boto3 and Chalice may be, and that nothing
ever scans.
"""

import ast
import re
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

from chalicelib.domain import ids

ROOT = Path(__file__).parent.parent
PRODUCT = [ROOT / "app.py", *sorted((ROOT / "chalicelib").rglob("*.py"))]
PURE = {"pydantic", "chalicelib", "__future__"}
# What each room may not import. Everything may import the domain; the domain imports nobody.
FORBIDDEN = {
    "aws": (
        "chalicelib.directory",
        "chalicelib.web",
        "chalicelib.usecases",
        "chalicelib.runtime.wiring",
    ),
    "directory": (
        "chalicelib.aws",
        "chalicelib.web",
        "chalicelib.usecases",
        "chalicelib.runtime.wiring",
    ),
    "net": (
        "chalicelib.aws",
        "chalicelib.directory",
        "chalicelib.web",
        "chalicelib.usecases",
        "chalicelib.ports",
        "chalicelib.runtime",
    ),
    "web": ("chalicelib.aws", "chalicelib.directory", "chalicelib.runtime.wiring"),
    "usecases": (
        "chalicelib.aws",
        "chalicelib.directory",
        "chalicelib.web",
        "chalicelib.runtime.wiring",
    ),
    "domain": (
        "chalicelib.aws",
        "chalicelib.directory",
        "chalicelib.web",
        "chalicelib.usecases",
        "chalicelib.ports",
        "chalicelib.runtime",
        "chalicelib.text.calendars",
    ),
}


def imports(path: Path) -> Iterator[str]:
    """The full names of everything a file imports, wherever in it."""
    package = path.relative_to(ROOT).with_suffix("").parts[:-1]
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else ()
            stem = ".".join([*base, *([node.module] if node.module else [])])
            yield stem
            yield from (f"{stem}.{alias.name}" for alias in node.names)


def room(path: Path) -> str:
    parts = path.relative_to(ROOT).parts
    return parts[1] if len(parts) > 2 else ""


@pytest.mark.parametrize(
    "path", [p for p in PRODUCT if room(p) in FORBIDDEN], ids=lambda p: str(p.relative_to(ROOT))
)
def test_a_room_imports_only_what_it_may(path):
    for name in imports(path):
        assert not name.startswith(FORBIDDEN[room(path)]), name


@pytest.mark.parametrize("path", [p for p in PRODUCT if room(p) == "domain"], ids=lambda p: p.stem)
def test_the_domain_is_pure(path):
    import sys

    tops = {name.partition(".")[0] for name in imports(path)}

    assert tops <= PURE | set(sys.stdlib_module_names)


def test_no_modules_import_each_other_in_a_circle():
    names = {
        ".".join(p.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): p
        for p in PRODUCT
    }
    imported = {
        name: {one for one in imports(path) if one in names} for name, path in names.items()
    }

    TopologicalSorter(imported).prepare()  # raises CycleError and names the circle


def test_the_web_imports_at_the_top_and_late_only_by_the_table_of_routes():
    functions = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
    late = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in PRODUCT
        if room(path) == "web" or path.name == "app.py"
        for function in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(function, functions) or is_for_type_checkers(function)
        for node in ast.walk(function)
        if isinstance(node, ast.Import | ast.ImportFrom)
    ]

    assert late == []


def is_for_type_checkers(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)


def test_the_http_layer_knows_no_route():
    known = [
        f"{path.relative_to(ROOT)}: {name}"
        for path in PRODUCT
        if path.parent.name == "http"
        for name in imports(path)
        if name.startswith(("chalicelib.web.api", "chalicelib.web.pages", "chalicelib.web.routes"))
    ]

    assert known == []


@pytest.mark.parametrize("path", PRODUCT, ids=lambda p: str(p.relative_to(ROOT)))
def test_boto3_stays_in_aws_and_chalice_at_the_edge(path):
    tops = {name.partition(".")[0] for name in imports(path)}

    assert not tops & {"boto3", "botocore"} or room(path) == "aws"
    assert "chalice" not in tops or room(path) == "web" or path.name == "app.py"


@pytest.mark.parametrize("path", PRODUCT, ids=lambda p: str(p.relative_to(ROOT)))
def test_nothing_scans_a_table(path):
    calls = (
        n
        for n in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(n, ast.Attribute)
    )

    assert not [n.lineno for n in calls if n.attr in ("scan", "execute_statement")]
    assert "'scan'" not in path.read_text(encoding="utf-8") and '"scan"' not in path.read_text(
        encoding="utf-8"
    )


def test_no_function_is_allowed_to_scan():
    for policy in (ROOT / ".chalice").glob("policy-*.json"):
        assert "Scan" not in policy.read_text(encoding="utf-8")
        assert '"Resource": "*"' not in policy.read_text(encoding="utf-8")


@pytest.mark.parametrize("path", PRODUCT, ids=lambda p: str(p.relative_to(ROOT)))
def test_only_the_outbound_client_speaks_http(path):
    clients = ("http.client", "httpx", "requests", "socket", "urllib.request", "urllib3")

    assert room(path) == "net" or not [name for name in imports(path) if name.startswith(clients)]


def test_only_settings_reads_the_environment():
    readers = [p.name for p in PRODUCT if "os.environ" in p.read_text(encoding="utf-8")]

    assert readers == ["settings.py"]


# Where ids and keys are formatted and parsed.
ID_MODULES = {"chalicelib/domain/ids.py", "chalicelib/aws/keys.py"}
# Slices of the same widths that cut something else: the prefix of an A-label, a PNG signature.
OTHER_SLICES = {"chalicelib/directory/discovery.py", "chalicelib/domain/file_types.py"}
PREFIXES = re.compile(rf"(?:{'|'.join(kind.value for kind in ids.Kind)})_|[A-Z]#")
WIDTHS = {
    sum(parts)
    for prefix in (0, len(ids.Kind.CLAIM.prefix))
    for parts in (
        (prefix,),
        (prefix, ids.TENANT),
        (prefix, ids.TENANT, ids.ITEM),
        (prefix, ids.MOMENT, ids.RANDOM),
        (prefix, ids.MOMENT, ids.RANDOM, ids.TENANT),
    )
} - {0}


def cut_ids(path: Path) -> Iterator[str]:
    """The prefixes of ids and keys in a file, and what cuts a part out of one."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            if PREFIXES.match(node.value):
                yield f"{node.lineno}: {node.value[:40]!r}"
        elif isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Slice):
            bounds = (node.slice.lower, node.slice.upper)
            widths = {one.value for one in bounds if isinstance(one, ast.Constant)}
            if widths & WIDTHS and not isinstance(node.value, ast.Call):
                yield f"{node.lineno}: {ast.unparse(node)}"


def test_ids_and_keys_are_formatted_and_parsed_in_two_modules():
    sources = [p for top in ("chalicelib", "cpor", "tools") for p in (ROOT / top).rglob("*.py")]
    names = {str(p.relative_to(ROOT)): p for p in sources}

    offenders = [
        f"{name}:{found}"
        for name, path in sorted(names.items())
        if name not in ID_MODULES | OTHER_SLICES
        for found in cut_ids(path)
    ]

    assert offenders == []
