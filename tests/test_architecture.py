"""The structure of the code: layers, import cycles, limits of size, and where ids are made.

Every test lists all offenders at once.
"""

import ast
import re
import sys
from collections.abc import Iterator

from chalicelib.domain import ids
from tests.support.source_tree import ROOT, Module, cycles, modules

PRODUCT = modules("app.py", "chalicelib")
SHIPPED = modules("app.py", "chalicelib", "cpor", "tools")
EVERYTHING = modules("app.py", "chalicelib", "cpor", "tools", "tests", "bench")

# What the modules of each layer may import from the product, besides their own layer.
SETTINGS = "chalicelib.runtime.settings"
LAYERS = {
    "domain": (),
    "catalogue": ("chalicelib.domain",),
    "net": ("chalicelib.domain",),
    "text": ("chalicelib.domain",),
    "ports": ("chalicelib.domain", SETTINGS),
    "usecases": ("chalicelib.domain", "chalicelib.ports", "chalicelib.text"),
    "directory": (
        "chalicelib.domain",
        "chalicelib.ports",
        "chalicelib.net",
        "chalicelib.text.subdivisions",
    ),
    "aws": (
        "chalicelib.domain",
        "chalicelib.ports",
        SETTINGS,
        "chalicelib.runtime.ca_bundle",
        "chalicelib.runtime.lazy_import",
        "chalicelib.runtime.metrics",
    ),
    "web": (
        "chalicelib.domain",
        "chalicelib.ports",
        "chalicelib.usecases",
        "chalicelib.text",
        "chalicelib.net",
        SETTINGS,
        "chalicelib.runtime.ca_bundle",
        "chalicelib.runtime.lazy_import",
        "chalicelib.runtime.metrics",
        "chalicelib.runtime.startup",
    ),
}
# Libraries by where they may be imported, besides the command line and the tools.
LIBRARIES = {
    "boto3": ("chalicelib/aws/",),
    "botocore": ("chalicelib/aws/",),
    "chalice": ("app.py", "chalicelib/web/http/"),
}
HTTP_CLIENTS = ("http.client", "httpx", "requests", "socket", "urllib.request", "urllib3")
PURE = {"pydantic", "pydantic_core", "chalicelib", "__future__"}

# Of a file. Ruff enforces the limits of lines, parameters and complexity.
MAX_LINES = 300
MAX_LINES_OF_TESTS = 400

# Where ids and keys are formatted and parsed.
ID_MODULES = {
    "chalicelib/domain/ids.py",
    "chalicelib/domain/organisation_ids.py",
    "chalicelib/aws/insight_keys.py",
    "chalicelib/aws/keys.py",
    "chalicelib/aws/mail_keys.py",
    "chalicelib/aws/sandbox_keys.py",
    "chalicelib/aws/user_keys.py",
    "chalicelib/aws/webhook_keys.py",
}
# Slices of the same widths that cut something else: the prefix of an A-label, a PNG signature.
OTHER_SLICES = {"chalicelib/directory/discovery.py"}
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


def test_imports_point_towards_the_domain():
    offenders = [
        f"{module.path}:{one.line} imports {one.name}"
        for module in PRODUCT
        if module.layer in LAYERS
        for one in module.imports
        if one.name.startswith("chalicelib.")
        and not one.name.startswith((f"chalicelib.{module.layer}", *LAYERS[module.layer]))
    ]

    assert offenders == []


def test_the_http_layer_knows_no_route():
    routes = ("chalicelib.web.api", "chalicelib.web.pages", "chalicelib.web.routes")

    offenders = [
        f"{module.path}:{one.line} imports {one.name}"
        for module in PRODUCT
        if module.path.startswith("chalicelib/web/http/")
        for one in module.imports
        if one.name.startswith(routes)
    ]

    assert offenders == []


def test_the_domain_imports_the_standard_library_and_pydantic_only():
    allowed = PURE | set(sys.stdlib_module_names)

    offenders = [
        f"{module.path}:{one.line} imports {one.name}"
        for module in PRODUCT
        if module.layer == "domain"
        for one in module.imports
        if one.name.partition(".")[0] not in allowed
    ]

    assert offenders == []


def test_libraries_stay_in_their_layers():
    offenders = [
        f"{module.path}:{one.line} imports {one.name}"
        for module in PRODUCT
        for one in module.imports
        for library, places in LIBRARIES.items()
        if one.name.partition(".")[0] == library and not module.path.startswith(places)
    ]

    assert offenders == []


def test_only_the_outbound_client_speaks_http():
    offenders = [
        f"{module.path}:{one.line} imports {one.name}"
        for module in PRODUCT
        if module.layer != "net"
        for one in module.imports
        if one.name.startswith(HTTP_CLIENTS)
    ]

    assert offenders == []


def test_no_modules_import_each_other():
    assert cycles(SHIPPED) == []


def test_imports_stand_at_the_top_of_a_module():
    offenders = [
        f"{module.path}:{one.line}"
        for module in SHIPPED
        for one in module.imports
        # Ports are interfaces: they name the values of the domain for the type checker only, so
        # that a process imports the models that it uses.
        if not (one.at_top or module.layer == "ports" and one.for_types)
    ]

    assert offenders == []


def test_modules_stay_within_the_limit_of_lines():
    assert list(long_modules()) == []


def long_modules() -> Iterator[str]:
    for module in EVERYTHING:
        limit = MAX_LINES_OF_TESTS if module.path.startswith("tests/") else MAX_LINES
        if module.source.count("\n") > limit:
            yield module.path


def test_nothing_scans_a_table():
    offenders = [
        f"{module.path}:{node.lineno}" for module in PRODUCT for node in scans(module.tree)
    ]

    assert offenders == []


def scans(tree: ast.Module) -> Iterator[ast.expr]:
    """Where a method that goes through a whole table is named."""
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Attribute)
            and node.attr in ("scan", "execute_statement")
            or isinstance(node, ast.Constant)
            and node.value == "scan"
        ):
            yield node


def test_no_function_is_allowed_to_scan():
    policies = {p.name: p.read_text(encoding="utf-8") for p in ROOT.glob(".chalice/policy-*.json")}

    offenders = [
        name for name, text in policies.items() if "Scan" in text or '"Resource": "*"' in text
    ]

    assert policies
    assert offenders == []


def test_only_settings_reads_the_environment():
    readers = [module.path for module in PRODUCT if "os.environ" in module.source]

    assert readers == ["chalicelib/runtime/settings.py"]


def test_ids_and_keys_are_formatted_and_parsed_in_two_modules():
    offenders = [
        f"{module.path}:{found}"
        for module in modules("chalicelib", "cpor", "tools")
        if module.path not in ID_MODULES | OTHER_SLICES
        for found in cut_ids(module)
    ]

    assert offenders == []


def cut_ids(module: Module) -> Iterator[str]:
    """The prefixes of ids and keys in a module, and what cuts a part out of one."""
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            if PREFIXES.match(node.value):
                yield f"{node.lineno}: {node.value[:40]!r}"
        elif isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Slice):
            bounds = (node.slice.lower, node.slice.upper)
            widths = {one.value for one in bounds if isinstance(one, ast.Constant)}
            if widths & WIDTHS and not isinstance(node.value, ast.Call):
                yield f"{node.lineno}: {ast.unparse(node)}"
