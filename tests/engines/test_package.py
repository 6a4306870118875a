"""The zip and the template: what goes in, what stays out, and that it is always the same."""

import importlib.util
import sys
import zipfile
from pathlib import Path

import pytest

from tools import archive, template

SOURCE = b'"""A module."""\n\n\ndef fails():\n    raise ValueError("on line 5")\n'


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


def test_our_own_modules_keep_their_source_and_are_not_compiled_again(tmp_path):
    files = archive.with_compiled({"chalicelib/x.py": SOURCE, "chalicelib/texts/en.json": b"{}"})

    cached = f"chalicelib/__pycache__/x.{sys.implementation.cache_tag}.pyc"

    assert set(files) == {"chalicelib/x.py", "chalicelib/texts/en.json", cached}
    assert files[cached][:4] == importlib.util.MAGIC_NUMBER
    assert files[cached][4:8] == b"\x01\0\0\0"  # by hash, never checked


@pytest.mark.parametrize("path", [
    "pydantic/v1/main.py", "cffi/api.py", "numpy/tests/test_x.py", "jwt/py.typed", "yaml/_yaml.pyx", "x/a.pyi",
    "jwt-2.dist-info/RECORD", "idna/__pycache__/core.cpython-311.pyc",
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
    folder = infra(tmp_path, a='A: !Ref X\nB: !GetAtt X.Arn.y\nC: !If [Y, !Sub "${X}/*", !Ref AWS::NoValue]\n')

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
    packaged = {"Resources": {"RestAPI": {"Properties": {"DefinitionBody": {"paths": {"/{id}": {"post": operation}}}}}}}

    paths = template.with_every_method(packaged)["Resources"]["RestAPI"]["Properties"]["DefinitionBody"]["paths"]

    assert set(paths["/{id}"]) == set(template.METHODS)
    assert paths["/{id}"]["post"] == operation
    assert paths["/{id}"]["get"]["x-amazon-apigateway-integration"] == {"uri": "lambda"}
