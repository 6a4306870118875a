"""Every command explains itself, and answers machines."""

from collections.abc import Iterator
from typing import Any

import pytest
from typer.main import get_command
from typer.testing import CliRunner

from chalicelib.domain.version import VERSION
from cpor.cli import app


def commands(group: Any, *path: str) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Every command with the words that lead to it."""
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from commands(command, *path, name)
        else:
            yield (*path, name), command


ALL = list(commands(get_command(app)))


def test_there_are_all_that_the_contract_names_and_those_for_keys():
    assert {" ".join(path) for path, _ in ALL} == {
        "import",
        "listen",
        "feed template",
        "verify",
        "show",
        "doctor",
        "claims file",
        "claims export",
        "tasks list",
        "tasks retry",
        "links revoke",
        "links reissue",
        "tasks drop",
        "users disable",
        "users enable",
        "users invite",
        "users list",
        "users remove",
        "users restore",
        "retention run",
        "demo",
        "insights rebuild",
        "export events",
        "secrets make",
        "secrets change",
    }


@pytest.mark.parametrize("path", [path for path, _ in ALL], ids=" ".join)
def test_every_command_has_help_and_an_answer_for_machines(path):
    shown = CliRunner().invoke(app, [*path, "--help"], env={"COLUMNS": "200"})

    assert shown.exit_code == 0
    assert "--json" in shown.stdout


@pytest.mark.parametrize(
    "command", [command for _, command in ALL], ids=[" ".join(path) for path, _ in ALL]
)
def test_every_option_says_what_it_is_for(command):
    assert all(getattr(one, "help", "x") for one in command.params)


def test_the_version_is_that_of_the_package():
    assert CliRunner().invoke(app, ["--version"]).stdout == f"cpor {VERSION}\n"


@pytest.mark.parametrize(("typed", "offered"), [("cpor cl", "claims"), ("cpor tasks l", "list")])
def test_a_shell_completes_commands(typed, offered):
    words = typed.split()
    asked = {"COMP_WORDS": typed, "COMP_CWORD": str(len(words) - 1)}

    shown = CliRunner().invoke(
        app, [], prog_name="cpor", env={"_CPOR_COMPLETE": "complete_bash", **asked}
    )

    assert shown.stdout.split() == [offered]


def test_completion_can_be_installed():
    assert "--install-completion" in CliRunner().invoke(app, ["--help"]).stdout
