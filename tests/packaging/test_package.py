"""The zip and the template: what goes in, what stays out, and that it is always the same."""

import importlib.util
import zipfile
from collections.abc import Collection
from pathlib import Path

import pytest

from tools.packaging import archive, template

SOURCE = '"""A module."""\n\n\ndef fails():\n    raise ValueError("on line 5")\n'


def files_in(folder: Path, **contents: str) -> Path:
    """A folder with these files, by name without its ending."""
    folder.mkdir()
    for name, text in contents.items():
        (folder / f"{name}.txt").write_text(text)
    return folder


def names_in(folder: Path) -> set[str]:
    return {file.relative_to(folder).as_posix() for file in folder.rglob("*") if file.is_file()}


def test_the_same_files_make_the_same_bytes(tmp_path):
    one = files_in(tmp_path / "one", b="2", a="1" * 10_000)
    two = files_in(tmp_path / "two", a="1" * 10_000, b="2")

    archive.write(one, tmp_path / "one.zip")
    archive.write(two, tmp_path / "two.zip")

    assert (tmp_path / "one.zip").read_bytes() == (tmp_path / "two.zip").read_bytes()
    with zipfile.ZipFile(tmp_path / "one.zip") as opened:
        assert opened.namelist() == ["a.txt", "b.txt"]
        assert opened.read("b.txt") == b"2"


def test_files_can_be_read_by_the_user_lambda_runs_as(tmp_path):
    archive.write(files_in(tmp_path / "one", a="1"), tmp_path / "one.zip")

    with zipfile.ZipFile(tmp_path / "one.zip") as opened:
        assert opened.getinfo("a.txt").external_attr >> 16 == 0o100644


def test_a_zip_begins_with_the_one_it_is_written_onto(tmp_path):
    archive.write(files_in(tmp_path / "libraries", b="2" * 1_000), tmp_path / "libraries.zip")
    before = (tmp_path / "libraries.zip").read_bytes()

    archive.write(
        files_in(tmp_path / "ours", a="1"), tmp_path / "all.zip", onto=tmp_path / "libraries.zip"
    )

    with zipfile.ZipFile(tmp_path / "all.zip") as opened:
        assert opened.namelist() == ["b.txt", "a.txt"]
        assert opened.testzip() is None
    assert (tmp_path / "libraries.zip").read_bytes() == before


def test_modules_are_compiled_never_checked_again_and_run_without_their_source(
    tmp_path, monkeypatch
):
    (tmp_path / "sourceless_module.py").write_text(SOURCE)

    archive.compile_modules(tmp_path)

    assert names_in(tmp_path) == {"sourceless_module.pyc"}
    compiled = (tmp_path / "sourceless_module.pyc").read_bytes()
    assert compiled[:4] == importlib.util.MAGIC_NUMBER
    assert compiled[4:8] == b"\x01\0\0\0", "PEP 552: by hash, and never checked"
    monkeypatch.syspath_prepend(str(tmp_path))
    module = importlib.import_module("sourceless_module")
    with pytest.raises(ValueError, match="on line 5") as raised:
        module.fails()
    assert (str(raised.traceback[-1].path).split("/")[-1], raised.traceback[-1].lineno) == (
        "sourceless_module.py",
        4,
    )
    assert module.__doc__ == "A module."


def test_compiling_twice_makes_the_same_bytes(tmp_path):
    compiled = []
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "m.py").write_text("KINDS = {'a', 'b', 'c'}\nprint('x' in {'x', 'y'})\n")
        archive.compile_modules(tmp_path / name)
        compiled.append((tmp_path / name / "m.pyc").read_bytes())

    assert compiled[0] == compiled[1]


@pytest.mark.parametrize(
    "path",
    [
        "pydantic/v1/main.py",
        "cffi/api.py",
        "numpy/tests/test_x.py",
        "jwt/py.typed",
        "yaml/_yaml.pyx",
        "x/a.pyi",
        "pydantic/mypy.py",
        "tzdata/zoneinfo/tzdata.zi",
        "tzdata/zoneinfo/zone1970.tab",
        "jwt-2.dist-info/RECORD",
        "idna/__pycache__/core.cpython-311.pyc",
    ],
)
def test_what_never_runs_stays_out(path, tmp_path):
    assert list_unpacked(path, tmp_path) == set()


@pytest.mark.parametrize(
    "path",
    [
        "pydantic/main.py",
        "_cffi_backend.so",
        "jwt-2.dist-info/METADATA",
        "tzdata/zoneinfo/Europe/Berlin",
        "latest/x.py",
        "tzdata/zones",
    ],
)
def test_what_is_used_goes_in(path, tmp_path):
    assert list_unpacked(path, tmp_path) == {path}


def test_only_what_is_named_at_the_top_is_unpacked(tmp_path):
    assert list_unpacked("chalicelib/x.py", tmp_path, ["app.py", "chalicelib"]) == {
        "chalicelib/x.py"
    }
    assert list_unpacked("chalice/x.py", tmp_path, ["app.py", "chalicelib"]) == {"chalicelib/x.py"}


def list_unpacked(path: str, folder: Path, top: Collection[str] = ()) -> set[str]:
    """What is in a folder after a zip of this file was unpacked there."""
    with zipfile.ZipFile(folder / "one.zip", "w") as opened:
        opened.writestr(path, b"")
    archive.unpack(folder / "one.zip", folder / "out", top)
    return names_in(folder / "out") if (folder / "out").exists() else set()


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

    assert template.read_additions(folder, "prod") == {
        "A": {"Ref": "X"},
        "B": {"Fn::GetAtt": ["X", "Arn.y"]},
        "C": {"Fn::If": ["Y", {"Fn::Sub": "${X}/*"}, {"Ref": "AWS::NoValue"}]},
    }


def test_a_stage_has_its_own_additions_to_the_common_ones(tmp_path):
    folder = infra(tmp_path, a="R: {A: 1}\n", prod__b="R: {B: 2}\n", local__c="R: {C: 3}\n")

    assert template.read_additions(folder, "prod") == {"R": {"A": 1, "B": 2}}


def test_two_files_that_say_the_same_key_are_an_error(tmp_path):
    folder = infra(tmp_path, a="R: {A: 1}\n", b="R: {A: 1}\n")

    with pytest.raises(ValueError, match="b.yaml: R: A has a value already"):
        template.read_additions(folder, "prod")


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

    paths = template.add_methods(packaged)["Resources"]["RestAPI"]["Properties"]["DefinitionBody"][
        "paths"
    ]

    assert set(paths["/{id}"]) == set(template.METHODS)
    assert paths["/{id}"]["post"] == operation
    assert paths["/{id}"]["get"]["x-amazon-apigateway-integration"] == {"uri": "lambda"}
