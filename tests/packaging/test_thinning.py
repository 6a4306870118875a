"""What is left out of libraries is what nobody asks for."""

import ast
from importlib.metadata import distribution
from importlib.util import find_spec
from pathlib import Path

import pydantic
import pytest
from pydantic_core import core_schema

from tests.packaging.lambda_runtime import PROVIDED
from tools.thinning import WITHOUT_MEMBERS, WITHOUT_PLUGINS, thinned


def whole(path):
    return ast.parse((Path(pydantic.__file__).parent.parent / path).read_text(encoding="utf-8"))


def run(path):
    """The names of a module of which parts are left out."""
    names = {"__name__": path}
    tree = ast.fix_missing_locations(thinned(path, whole(path)))
    exec(compile(tree, path, "exec"), names)  # noqa: S102 - what an import does
    return names


def test_nothing_that_lambda_provides_is_a_plugin_of_pydantic():
    names = {
        one.name
        for name in PROVIDED
        for one in distribution(name).entry_points
        if one.group == "pydantic"
    }

    assert names == set()


def test_pydantic_asks_for_its_plugins_and_for_nothing_else_of_that_module():
    files = Path(pydantic.__file__).parent.rglob("*.py")
    asked = [node for file in files for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
             if isinstance(node, ast.ImportFrom) and (node.module or "").endswith("_loader")]  # fmt: skip

    assert {name.name for node in asked for name in node.names} == {"get_plugins"}
    assert list(run(WITHOUT_PLUGINS)["get_plugins"]()) == []


def test_every_name_of_the_schemas_is_still_there_and_makes_the_same():
    left = run(WITHOUT_MEMBERS)

    assert set(vars(core_schema)) <= set(left) | {
        "__file__",
        "__cached__",
        "__loader__",
        "__path__",
        "__spec__",
        "__package__",
        "__doc__",
    }
    assert left["str_schema"](max_length=3) == core_schema.str_schema(max_length=3)
    assert left["CoreConfig"].__annotations__ == {}
    assert core_schema.CoreConfig.__annotations__


@pytest.mark.parametrize("package", ["pydantic", "pydantic_core"])
def test_nobody_looks_at_the_members_that_are_left_out(package):
    files = Path(str(find_spec(package).origin)).parent.rglob("*.py")
    looked_at = [ast.unparse(node.value) for file in files for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
                 if isinstance(node, ast.Attribute) and node.attr in {"__annotations__", "__required_keys__", "__optional_keys__"}]  # fmt: skip

    assert not [one for one in looked_at if "Schema" in one or "CoreConfig" in one]


def test_other_modules_stay_whole():
    tree = whole("pydantic/main.py")

    assert thinned("pydantic/main.py", tree) is tree
