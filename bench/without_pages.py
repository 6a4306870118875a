"""The package without what the pages for people who sign in add to every function."""

import ast
from pathlib import Path
from typing import Any

from tests.support.api_gateway import event
from tools.packaging import archive
from tools.packaging.package import ROOT

# What functions import that only pages for people who sign in need.
OF_PAGES = tuple(
    f"{folder}/{name}"
    for folder in ("domain", "ports", "aws/store")
    for name in ("session", "sessions", "preferences")
)


def make_refused_request(*_: Any) -> dict[str, Any]:
    """Return a request without a token, for which nothing is fetched."""
    import app

    return event(app.app, "GET", "/v1/claims")


def take_pages_out(task: Path) -> None:
    """Leave out of an unpacked package what pages for people who sign in add to every function."""
    whole = (ROOT / "app.py").read_text()
    some = whole.replace("register(app, ROUTES", "register(app, [o for o in ROUTES if o.published]")
    assert some != whole
    changed = {"app": some}
    for module in OF_PAGES:
        source = ROOT / "chalicelib" / f"{module}.py"
        if source.exists():
            changed[f"chalicelib/{module}"] = _leave_names(source.read_text())
    for name, text in changed.items():
        (task / f"{name}.pyc").unlink()
        (task / f"{name}.py").write_text(text)
    archive.compile_modules(task)


def _leave_names(source: str) -> str:
    """Return a module with the same classes, functions and constants, and nothing in them."""
    lines = []
    for one in ast.parse(source).body:
        if isinstance(one, ast.ClassDef):
            lines.append(f"class {one.name}:\n    def __init__(self, *_): pass")
        elif isinstance(one, ast.FunctionDef):
            lines.append(f"def {one.name}(*_): pass")
        elif isinstance(one, ast.Assign):
            lines += [f"{ast.unparse(target)} = None" for target in one.targets]
    return "\n".join(lines)
