"""Setting up on a new machine: once, with any supported Python, and with a plain message where it
cannot be done.
"""

import hashlib
import platform
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tools import environments

ROOT = environments.ROOT
IMPOSSIBLE = f"--no-index\nnothing-of-that-name==1 --hash=sha256:{'0' * 64}\n"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project that asks for nothing in one environment and for the impossible in the other."""
    for folder in ("tools", "requirements"):
        (tmp_path / folder).mkdir()
    shutil.copy(environments.__file__, tmp_path / "tools")
    shutil.copy(ROOT / "tools" / "find-python", tmp_path / "tools")
    (tmp_path / "requirements" / "dev.txt").write_text("# nothing\n")
    (tmp_path / "requirements" / "ministack.txt").write_text(IMPOSSIBLE)
    return tmp_path


def set_up(project: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "tools/environments.py"]
    return subprocess.run(command, check=False, cwd=project, capture_output=True, text=True)


def test_what_cannot_be_installed_is_named_and_what_could_be_is_not_made_again(project):
    first, second = set_up(project), set_up(project)
    (project / "requirements" / "ministack.txt").write_text("# nothing\n")
    (project / "cpor.py").write_text("import sys\nprint(sys.argv[1:])\n")
    third = set_up(project)

    assert [first.returncode, second.returncode, third.returncode] == [1, 1, 0]
    assert "nothing-of-that-name" in first.stderr
    assert "To do:   Check that the Python package index can be reached" in first.stderr
    assert f"Creating .venv with Python {platform.python_version()}" in first.stdout
    assert "Creating .venv" not in second.stdout
    offered = subprocess.run(
        [project / ".venv/bin/cpor", "import"], check=True, cwd="/", capture_output=True, text=True
    )
    assert offered.stdout == "['import']\n"


def create_venv(project: Path, exit_code: int) -> Path:
    """Create a finished `.venv` whose uv ends with `exit_code`; answer the file in which that uv
    writes its arguments.
    """
    programs, arguments = project / ".venv" / "bin", project / "arguments"
    programs.mkdir(parents=True)
    (programs / "python").symlink_to(sys.executable)
    create_program(programs / "uv", f'echo "$@" >> {arguments}\nexit {exit_code}')
    recipe = hashlib.sha256((project / "requirements" / "dev.txt").read_bytes()).hexdigest()
    (project / ".venv" / "made-of").write_text(f"{recipe} Python {platform.python_version()}")
    return arguments


def create_program(path: Path, script: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return path


def test_uv_installs_by_hash_and_pip_is_not_used(project):
    arguments = create_venv(project, exit_code=0)

    made = set_up(project)

    assert made.returncode == 0
    assert arguments.read_text().split()[:2] == ["pip", "sync"]
    assert "--require-hashes" in arguments.read_text()
    assert str(project / ".ministack" / "bin" / "python") in arguments.read_text()


def test_pip_installs_where_uv_cannot(project):
    create_venv(project, exit_code=2)

    refused = set_up(project)
    (project / "requirements" / "ministack.txt").write_text("# nothing\n")
    made = set_up(project)

    assert [refused.returncode, made.returncode] == [1, 0]
    assert "nothing-of-that-name" in refused.stderr


def test_an_environment_that_is_named_is_created_alone(project):
    create_venv(project, exit_code=2)
    (project / "requirements" / "package.txt").write_text("# nothing\n")

    command = [sys.executable, "tools/environments.py", ".package"]
    made = subprocess.run(command, check=False, cwd=project, capture_output=True, text=True)

    assert made.returncode == 0, made.stderr
    assert (project / ".package" / "bin" / "python").exists()
    assert not (project / ".ministack").exists()


def find_python(
    project: Path, *arguments: str, **environment: str
) -> subprocess.CompletedProcess[str]:
    """Look for a Python where nothing but the given variables and the system's tools is there."""
    return subprocess.run(
        ["/bin/sh", project / "tools" / "find-python", *arguments],
        check=False,
        capture_output=True,
        text=True,
        env={"PATH": str(project / "path"), "HOME": str(project)} | environment,
    )


@pytest.fixture
def machine(project: Path) -> Path:
    """A machine with the few tools that every machine has, and no Python."""
    for tool in ("dirname", "head"):
        create_program(project / "path" / tool, f'exec {shutil.which(tool)} "$@"')
    return project


def create_shim(machine: Path, name: str) -> None:
    create_program(
        machine / "path" / name, f'echo "pyenv: {name}: command not found" >&2\nexit 127'
    )


def create_python(path: Path) -> Path:
    return create_program(path, f'exec {sys.executable} "$@"')


def test_a_shim_that_runs_nothing_is_passed_over_for_a_version_of_pyenv(machine):
    create_shim(machine, "python3")
    create_shim(machine, "python3.13")
    create_python(machine / ".pyenv" / "versions" / "3.12.99" / "bin" / "python")

    found = find_python(machine)

    assert found.returncode == 0, found.stderr
    assert found.stdout.strip() == sys.executable


def test_a_python_that_only_uv_knows_is_found(machine):
    hidden = create_python(machine / "elsewhere" / "python")
    create_program(machine / "path" / "uv", f"echo {hidden}")

    found = find_python(machine)

    assert found.stdout.strip() == sys.executable, found.stderr


def test_the_python_of_the_environment_that_is_there_is_kept(machine):
    create_python(machine / ".venv" / "bin" / "python")
    create_program(machine / "path" / "python3", f"echo {machine}/other")

    found = find_python(machine)

    assert found.stdout.strip() == sys.executable, found.stderr


def test_a_python_that_is_named_is_the_only_one_tried(machine):
    create_python(machine / "path" / "python3")
    create_shim(machine, "python3.13")

    refused = find_python(machine, "python3.13")

    assert refused.returncode == 1
    assert "python3.13: pyenv: python3.13: command not found" in refused.stderr


@pytest.mark.parametrize(
    ("script", "reason"),
    [
        ("import sys; sys.version_info = (3, 10, 4)", "is Python 3.10; 3.11 to 3.15 are supported"),
        ("import sys; sys.version_info = (3, 16, 0)", "is Python 3.16; 3.11 to 3.15 are supported"),
        ("import sys; sys.modules['ensurepip'] = None", "has no module ensurepip"),
    ],
)
def test_a_python_that_cannot_be_used_is_named_with_the_reason(machine, script, reason):
    create_program(
        machine / "path" / "python3", f"exec {sys.executable} -c \"{script}; exec('''$2''')\""
    )

    refused = find_python(machine)

    assert refused.returncode == 1
    assert f"python3: {reason}" in refused.stderr
    assert "To do:   Install one" in refused.stderr


def test_a_version_that_is_named_is_looked_for_everywhere_and_no_other_is_taken(machine):
    minor = sys.version_info.minor
    for other in {11, 12, 13, 14, 15} - {minor}:
        create_shim(machine, f"python3.{other}")
    create_program(machine / "path" / "python3", "echo 'is Python 2.7; ...'; exit 1")
    create_python(machine / ".pyenv" / "versions" / f"3.{minor}.99" / "bin" / "python")

    found, missing = find_python(machine, f"3.{minor}"), find_python(machine, "3.99")

    assert found.stdout.strip() == sys.executable, found.stderr
    assert missing.returncode == 1
    assert "No usable Python: 3.99 is needed." in missing.stderr


def test_without_any_python_the_message_says_so(machine):
    refused = find_python(machine)

    assert refused.returncode == 1
    assert "none found on the PATH, in pyenv or by uv" in refused.stderr


def test_every_group_is_locked_with_hashes_and_names_no_index():
    groups = tomllib.loads((ROOT / "pyproject.toml").read_text())["dependency-groups"]
    locks = [ROOT / "requirements.txt", *sorted((ROOT / "requirements").iterdir())]

    assert [lock.stem for lock in locks[1:]] == sorted(groups.keys() - {"lambda"})
    for lock in locks:
        text = lock.read_text()
        assert text.count("==") <= text.count("--hash=sha256:")
        assert "://" not in text


def test_whoever_installs_the_command_line_gets_what_lambda_has():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())

    assert set(project["dependency-groups"]["lambda"]) < set(project["project"]["dependencies"])


def test_development_and_bench_use_the_versions_that_are_deployed():
    deployed = pins(ROOT / "requirements.txt")

    assert deployed.items() <= pins(ROOT / "requirements" / "dev.txt").items()
    shared = deployed.keys() & pins(ROOT / "requirements" / "bench.txt").keys()
    assert {name: pins(ROOT / "requirements" / "bench.txt")[name] for name in shared} == {
        name: deployed[name] for name in shared
    }


def pins(lock: Path) -> dict[str, str]:
    lines = [line for line in lock.read_text().splitlines() if "==" in line and line[0] != " "]
    return {name: rest.split()[0] for name, _, rest in (line.partition("==") for line in lines)}
