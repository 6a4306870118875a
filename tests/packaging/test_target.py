"""Production runs on one Python and one architecture, and its package is for exactly these."""

import json
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from typing import Any

import pytest

from tests.packaging import lambda_runtime
from tools.errors import ToolError
from tools.packaging import package, target
from tools.packaging.package import LARGEST_ZIP, ROOT
from tools.packaging.target import HOST, PRODUCTION, Target

FOUND = subprocess.run(
    ["tools/find-python", PRODUCTION.python], cwd=ROOT, check=False, capture_output=True, text=True
)
pytestmark = pytest.mark.xdist_group("package")
production_python = pytest.mark.skipif(
    FOUND.returncode != 0, reason=f"no Python {PRODUCTION.python} on this machine"
)
DEPLOYED = ("sandbox", "prod")
FUNCTION_TYPES = ("AWS::Serverless::Function", "AWS::Lambda::Function")
AARCH64 = 183  # e_machine of an ELF file: EM_AARCH64 of elf.h
# Answers a request that needs no database: modules, native libraries and routes are there.
ANSWER = """
import json, sys
import app
event = json.loads(sys.argv[1])
print(json.dumps([sys.version_info[:2], app.app(event, None)["statusCode"]]))
"""


def functions(stage: str, made_for: Target | None = None) -> dict[str, dict[str, Any]]:
    """The properties of every function in a template, by its name."""
    template = json.loads(package.package(stage, made_for).template.read_text())
    return {
        name: resource["Properties"]
        for name, resource in template["Resources"].items()
        if resource["Type"] in FUNCTION_TYPES
    }


@pytest.fixture(scope="module")
def files() -> Iterator[dict[str, bytes]]:
    """Every file in the zip of production."""
    with zipfile.ZipFile(package.package("prod").zip) as opened:
        yield {name: opened.read(name) for name in opened.namelist()}


def run_target_python(code: str) -> bytes:
    command = [FOUND.stdout.strip(), "-c", code]
    return subprocess.run(command, check=True, capture_output=True).stdout


@production_python
@pytest.mark.parametrize("stage", DEPLOYED)
def test_every_function_of_a_deployed_stage_runs_on_the_python_and_architecture_of_production(
    stage,
):
    found = functions(stage)

    assert {"APIHandler", "Worker", "MailEvents", "Webhooks", "Sweep"} <= set(found)
    assert {one["Runtime"] for one in found.values()} == {"python3.13"}
    assert [one["Architectures"] for one in found.values()] == [["arm64"]] * len(found)


@production_python
def test_every_module_of_production_is_compiled_by_its_python(files):
    magic = run_target_python(
        "import sys, importlib.util; sys.stdout.buffer.write(importlib.util.MAGIC_NUMBER)"
    )

    compiled = {name: data[:4] for name, data in files.items() if name.endswith(".pyc")}
    assert {"app.pyc", "chalice/app.pyc", "botocore/client.pyc"} <= set(compiled)
    assert set(compiled.values()) == {magic}
    assert [name for name in files if name.endswith(".py")] == []


@production_python
def test_every_native_library_of_production_is_for_its_python_and_architecture(files):
    libraries = {name: data for name, data in files.items() if data[:4] == b"\x7fELF"}

    assert any(name.startswith("pydantic_core/") for name in libraries)
    assert any(name.startswith("cryptography/") for name in libraries)
    assert {int.from_bytes(data[18:20], "little") for data in libraries.values()} == {AARCH64}
    tags = [name.split(".")[1] for name in libraries]
    assert set(tags) <= {"cpython-313-aarch64-linux-gnu", "abi3"}


@production_python
def test_the_package_of_production_is_small_enough_and_holds_no_requirement_twice(files):
    assert package.package("prod").zip.stat().st_size <= LARGEST_ZIP
    with zipfile.ZipFile(package.package("prod").zip) as opened:
        assert len(opened.namelist()) == len(files)


@production_python
def test_the_application_answers_on_the_python_of_production(tmp_path):
    made = package.package("prod", Target(PRODUCTION.python, HOST.architecture))
    task = lambda_runtime.unpack(made.zip, tmp_path / "task")
    environment = {"STAGE": "prod", "AWS_DEFAULT_REGION": "us-east-1"}

    answered = subprocess.check_output(
        [FOUND.stdout.strip(), "-S", "-c", ANSWER, json.dumps(health_event())],
        cwd=task,
        env=environment,
        text=True,
    )

    assert json.loads(answered.splitlines()[-1]) == [[3, 13], 200]


def health_event() -> dict[str, Any]:
    import app
    from tests.support.api_gateway import event

    return event(app.app, "GET", "/v1/health", {}, None)


def test_the_stage_on_this_machine_is_packaged_by_the_python_that_runs():
    found = functions("local")

    running = f"python{sys.version_info.major}.{sys.version_info.minor}"
    assert {one["Runtime"] for one in found.values()} == {running}


@pytest.fixture
def no_such_python(monkeypatch: pytest.MonkeyPatch) -> Target:
    """A target whose Python is nowhere: Lambda has no 3.99."""
    missing = Target("3.99", "arm64")
    monkeypatch.setitem(target.TARGETS, "prod", missing)
    return missing


def test_without_that_python_packaging_for_production_says_so_and_stops(no_such_python):
    with pytest.raises(ToolError) as stopped:
        package.main(["--stage", "prod"])

    assert "made with Python 3.99" in stopped.value.problem
    assert "3.99 is needed" in stopped.value.problem
    assert "Install Python 3.99" in stopped.value.advice


def test_without_that_python_everything_else_is_packaged(no_such_python, capsys):
    assert package.main(["--stage", "local", "--quiet"]) == 0
    assert package.main(["--stage", "prod", "--target", "host", "--quiet"]) == 0

    printed = capsys.readouterr().out.split()
    assert printed == [f"build/{folder}/template.json" for folder in ("local", f"{HOST}/prod")]


@pytest.mark.parametrize("text", ["", "3.13", "3.13-sparc", "arm64"])
def test_what_is_no_target_is_refused(text, capsys):
    with pytest.raises(SystemExit):
        package.main(["--target", text])

    assert "is neither host nor such as 3.13-arm64" in capsys.readouterr().err


def test_a_zip_that_is_too_large_is_refused_after_its_largest_parts_are_printed(
    monkeypatch, capsys
):
    monkeypatch.setattr(package, "LARGEST_ZIP", 1_000_000)

    with pytest.raises(ToolError, match="1,000,000 are allowed"):
        package.main(["--stage", "local"])

    printed = capsys.readouterr().out.splitlines()
    assert len(printed) == 2 + 10
