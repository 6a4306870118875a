"""What the package holds compiled is what Python itself would compile, and a new process finds it
there.
"""

import json
import marshal
import re
import subprocess
import sys
from importlib import import_module

import pytest

from chalicelib import readymade
from tests.packaging import lambda_runtime
from tools.packaging.package import package
from tools.readymade import FILE

pytestmark = pytest.mark.xdist_group("package")
# Says which patterns and which code a process compiles from here to its first client.
COUNTING = """
import builtins, collections, dataclasses, json, re._compiler, typing
from chalicelib import readymade
compiled = []
code, compile_ = re._compiler._code, compile
re._compiler._code = lambda tree, flags: compiled.append(tree.state.str) or code(tree, flags)
readymade.compile = lambda text, *more, **how: compiled.append(text) or compile_(text, *more, **how)
import app
from chalicelib.aws.clients import client
client("dynamodb")
print(json.dumps(compiled, default=repr))
"""
# With a table in which everything is something else: whatever is made of it was taken from it.
TAKING = """
import sys
from chalicelib import readymade
from tests.packaging.test_readymade import otherwise
readymade.take(*otherwise())
import dataclasses, re, typing
@dataclasses.dataclass
class Point:
    x: int
print(re.compile("seven").match("eight") is not None, re.compile("ten").match("ten") is not None, Point(1) == Point(1),
      eval(typing.ForwardRef("seven").__forward_code__))
"""


@pytest.fixture(scope="module")
def task(tmp_path_factory):
    return lambda_runtime.unpacked(package("prod").zip, tmp_path_factory.mktemp("ready") / "task")


@pytest.fixture(scope="module")
def table(task):
    return marshal.loads((task / FILE).read_bytes())


def otherwise():
    """A table by which `seven` is eight, as a pattern and as an annotation."""
    code = [
        int(one)
        for one in import_module("re._compiler")._code(
            import_module("re._parser").parse("eight"), 0
        )
    ]
    return {("seven", 0): marshal.dumps((32, code, 0, {}, (None,)))}, {
        ("seven", "eval"): marshal.dumps(compile("8", "<string>", "eval"))
    }


def parts(code):
    """All that running it and a traceback need: everything but columns."""
    within = [
        parts(one) if isinstance(one, type(code)) else (type(one), one) for one in code.co_consts
    ]
    lines = [(start, line) for start, _, line in code.co_lines()]
    return (code.co_name, code.co_code, code.co_names, code.co_varnames, code.co_flags, code.co_argcount, code.co_kwonlyargcount,
            code.co_freevars, code.co_cellvars, code.co_exceptiontable, within, lines)  # fmt: skip


def test_every_pattern_is_what_the_standard_library_compiles(table):
    _, patterns, _ = table

    for (text, flags), ready in patterns.items():
        made, usual = (
            import_module("_sre").compile(text, *marshal.loads(ready)),
            re.compile(text, flags),
        )
        assert (made, made.groups, made.groupindex) == (usual, usual.groups, usual.groupindex), text


def test_all_code_is_what_python_compiles(table):
    _, _, code = table

    for (text, mode), ready in code.items():
        assert parts(marshal.loads(ready)) == parts(
            compile(text, "<string>", mode, dont_inherit=True)
        ), text


def test_a_new_process_of_the_package_compiles_nothing_again(task, tmp_path):
    said = subprocess.run(
        [sys.executable, "-S", "-c", COUNTING], cwd=task, check=True, capture_output=True, text=True,
        env={"PYTHONPATH": str(lambda_runtime.provided(tmp_path / "runtime")), "AWS_DEFAULT_REGION": "us-east-1", "STAGE": "prod",
             "AWS_ACCESS_KEY_ID": "-", "AWS_SECRET_ACCESS_KEY": "-"},
    )  # fmt: skip

    assert json.loads(said.stdout) == []


def test_what_stands_in_a_table_is_taken_from_it_and_the_rest_is_compiled():
    said = subprocess.check_output(
        [sys.executable, "-c", TAKING], cwd=readymade.TABLE.parent.parent, text=True
    )

    assert said.split() == ["True", "True", "True", "8"]


@pytest.mark.parametrize("mark", [(b"other", readymade.MARK[1]), (readymade.MARK[0], 1)])
def test_a_table_of_another_python_is_left_alone(tmp_path, mark):
    (tmp_path / "other.bin").write_bytes(marshal.dumps((mark, {}, {})))
    before = vars(import_module("re._compiler"))["compile"]

    assert readymade.use(tmp_path / "other.bin") is False
    assert vars(import_module("re._compiler"))["compile"] is before


def test_without_a_table_everything_is_compiled_as_ever(tmp_path):
    assert readymade.use(tmp_path / "none.bin") is False
