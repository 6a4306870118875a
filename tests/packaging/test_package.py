"""The zip and the template: what goes in, what stays out, and that it is always the same."""

import importlib.util
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tools.packaging import archive, template
from tools.stripping import stripped

SOURCE = b'"""A module."""\n\n\ndef fails():\n    raise ValueError("on line 5")\n'
NATIVE = "_cffi_backend"  # a library whose maker has left its symbols in


def test_the_same_files_make_the_same_bytes(tmp_path):
    files = {"b.txt": b"2", "a.txt": b"1" * 10_000}

    archive.write(files, tmp_path / "one.zip")
    archive.write(dict(reversed(files.items())), tmp_path / "two.zip")

    assert (tmp_path / "one.zip").read_bytes() == (tmp_path / "two.zip").read_bytes()
    assert archive.contents(tmp_path / "one.zip") == files


def test_files_can_be_read_by_the_user_lambda_runs_as(tmp_path):
    archive.write({"a.txt": b"1"}, tmp_path / "one.zip")

    with zipfile.ZipFile(tmp_path / "one.zip") as opened:
        assert opened.getinfo("a.txt").external_attr >> 16 == 0o100644


def test_a_compiled_dependency_runs_without_its_source(tmp_path, monkeypatch):
    for path, data in archive.lean({"lean_dependency.py": SOURCE}).items():
        (tmp_path / path).write_bytes(data)
    monkeypatch.syspath_prepend(str(tmp_path))

    module = importlib.import_module("lean_dependency")

    with pytest.raises(ValueError, match="on line 5"):
        module.fails()
    assert [file.name for file in tmp_path.iterdir()] == ["lean_dependency.pyc"]


def test_an_archive_begins_with_the_one_it_is_written_after(tmp_path):
    archive.write({"b.txt": b"2" * 1_000}, tmp_path / "libraries.zip")

    archive.write({"a.txt": b"1"}, tmp_path / "all.zip", before=tmp_path / "libraries.zip")

    assert archive.contents(tmp_path / "all.zip") == {"b.txt": b"2" * 1_000, "a.txt": b"1"}
    with zipfile.ZipFile(tmp_path / "all.zip") as opened:
        assert opened.testzip() is None


def test_our_own_modules_are_compiled_and_never_checked_again():
    files = archive.ours({"chalicelib/x.py": SOURCE, "chalicelib/texts/en.json": b"{}"})

    assert set(files) == {"chalicelib/x.pyc", "chalicelib/texts/en.json"}
    assert files["chalicelib/x.pyc"][:4] == importlib.util.MAGIC_NUMBER
    assert files["chalicelib/x.pyc"][4:8] == b"\x01\0\0\0"  # by hash, never checked


def test_our_own_docstrings_stay_and_those_of_libraries_go():
    ours, library = archive.ours({"x.py": SOURCE}), archive.lean({"x.py": SOURCE})

    assert b"A module." in ours["x.pyc"]
    assert b"A module." not in library["x.pyc"]


def test_what_was_only_a_docstring_still_compiles(tmp_path, monkeypatch):
    (tmp_path / "only_words.pyc").write_bytes(
        archive.lean({"only_words.py": b"class A:\n    'words'\n"})["only_words.pyc"]
    )
    monkeypatch.syspath_prepend(str(tmp_path))

    assert importlib.import_module("only_words").A.__doc__ is None


def test_a_dataclass_without_words_has_its_name_not_its_signature(tmp_path, monkeypatch):
    words = b"import dataclasses\n@dataclasses.dataclass(frozen=True)\nclass Dot:\n    'where'\n    x: int = 0\n"
    (tmp_path / "only_a_dot.pyc").write_bytes(
        archive.lean({"only_a_dot.py": words})["only_a_dot.pyc"]
    )
    monkeypatch.syspath_prepend(str(tmp_path))

    dot = importlib.import_module("only_a_dot").Dot

    assert (dot.__doc__, repr(dot(1))) == ("Dot", "Dot(x=1)")


def test_a_stripped_library_is_smaller_and_loads(tmp_path):
    found = importlib.util.find_spec(NATIVE)
    assert found and found.origin
    whole, lean = Path(found.origin).read_bytes(), tmp_path / Path(found.origin).name

    lean.write_bytes(stripped(whole))

    assert lean.stat().st_size < len(whole)
    load = f"import sys; sys.path.insert(0, {str(tmp_path)!r}); import {NATIVE} as n; n.load_library(None); print(n.__file__)"
    said = subprocess.check_output([sys.executable, "-I", "-S", "-c", load], text=True)
    assert said.strip() == str(lean)


def test_stripping_twice_is_stripping_once_and_other_files_stay_as_they_are():
    whole = Path(str(importlib.util.find_spec(NATIVE).origin)).read_bytes()

    assert stripped(stripped(whole)) == stripped(whole)
    assert stripped(b"not a library") == b"not a library"


@pytest.mark.parametrize("path", [
    "pydantic/v1/main.py", "cffi/api.py", "numpy/tests/test_x.py", "jwt/py.typed", "yaml/_yaml.pyx", "x/a.pyi", "pydantic/mypy.py",
    "tzdata/zoneinfo/tzdata.zi", "tzdata/zoneinfo/zone1970.tab", "jwt-2.dist-info/RECORD", "idna/__pycache__/core.cpython-311.pyc",
])  # fmt: skip
def test_what_nobody_runs_stays_out(path):
    assert archive.lean({path: b""}) == {}


@pytest.mark.parametrize("path", [
    "pydantic/main.py", "_cffi_backend.so", "jwt-2.dist-info/METADATA", 
    "tzdata/zoneinfo/Europe/Berlin", "latest/x.py", "tzdata/zones",
])  # fmt: skip
def test_what_is_used_goes_in(path):
    assert [kept.rstrip("c") for kept in archive.lean({path: b""})] == [path.rstrip("c")]


def infra(folder: Path, **files: str) -> Path:
    for name, text in files.items():
        file = folder / (name.replace("__", "/") + ".yaml")
        file.parent.mkdir(exist_ok=True)
        file.write_text(text)
    return folder


def test_short_forms_become_what_cloudformation_calls_them(tmp_path):
    folder = infra(
        tmp_path, a='A: !Ref X\nB: !GetAtt X.Arn.y\nC: !If [Y, !Sub "${X}/*", !Ref AWS::NoValue]\n'
    )

    assert template.additions(folder, "prod") == {
        "A": {"Ref": "X"},
        "B": {"Fn::GetAtt": ["X", "Arn.y"]},
        "C": {"Fn::If": ["Y", {"Fn::Sub": "${X}/*"}, {"Ref": "AWS::NoValue"}]},
    }


def test_a_stage_has_its_own_additions_beside_the_common_ones(tmp_path):
    folder = infra(tmp_path, a="R: {A: 1}\n", prod__b="R: {B: 2}\n", local__c="R: {C: 3}\n")

    assert template.additions(folder, "prod") == {"R": {"A": 1, "B": 2}}


def test_two_files_that_say_the_same_key_are_an_error(tmp_path):
    folder = infra(tmp_path, a="R: {A: 1}\n", b="R: {A: 1}\n")

    with pytest.raises(ValueError, match="b.yaml: R: A is said twice"):
        template.additions(folder, "prod")


def test_every_path_passes_every_method_on():
    operation = {
        "x-amazon-apigateway-integration": {"uri": "lambda"},
        "parameters": [{"name": "id"}],
        "consumes": ["x"],
    }
    packaged = {
        "Resources": {
            "RestAPI": {"Properties": {"DefinitionBody": {"paths": {"/{id}": {"post": operation}}}}}
        }
    }

    paths = template.with_every_method(packaged)["Resources"]["RestAPI"]["Properties"][
        "DefinitionBody"
    ]["paths"]

    assert set(paths["/{id}"]) == set(template.METHODS)
    assert paths["/{id}"]["post"] == operation
    assert paths["/{id}"]["get"]["x-amazon-apigateway-integration"] == {"uri": "lambda"}
