"""Every `aws …` command that the documentation or a program tells people to run exists.

The oracle is botocore: the AWS CLI is generated from its models, with the names of operations and
parameters in kebab case. A command with options names all that are required.
"""

import ast
import re
import shlex
from collections.abc import Iterator
from itertools import zip_longest
from pathlib import Path
from typing import Any, NamedTuple

import botocore.session
import pytest
from botocore import xform_name

from tools.packaging.package import ROOT

MARKDOWN = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("cpor/**/*.md")])
PYTHON = sorted([*ROOT.glob("cpor/**/*.py"), *ROOT.glob("tools/**/*.py")])
TEMPLATES = sorted(ROOT.glob("infra/**/*.yaml"))
COMMAND = re.compile(r"\baws [a-z0-9-]+ [a-z][a-z0-9-]+(?![a-z0-9_-])[^`\n]*")
# What comes after a command in a sentence of a program or a comment.
END = re.compile(r"; | \(|\. |\.$|, |\)| then | or ")
# Of the AWS CLI itself, which botocore does not know (AWS CLI Command Reference).
CUSTOM = {
    "s3 mb": set(),
    "s3 ls": set(),
    "s3 rb": {"force"},
    "cloudformation deploy": {
        "capabilities",
        "parameter-overrides",
        "stack-name",
        "template-file",
    },
}
GLOBAL = {"region", "profile"}
FEWEST = 35  # commands; fewer means that they are not found any more


class Printed(NamedTuple):
    """A command and the file that has it."""

    where: str
    text: str


def find_commands() -> Iterator[Printed]:
    for file in MARKDOWN:
        text = file.read_text(encoding="utf-8").replace("```", "\n")
        for span in re.findall(r"`([^`]+)`", text):
            yield from search(file, " ".join(span.split()), "")
    for file in PYTHON:
        for text in read_strings(file):
            yield from search(file, text, END)
    for file in TEMPLATES:
        lines = (line.strip().lstrip("# ") for line in file.read_text().splitlines())
        yield from search(file, re.sub(r"\\\n\s*", "", "\n".join(lines)), END)


def search(file: Path, text: str, end: Any) -> Iterator[Printed]:
    for command in COMMAND.findall(text):
        found = re.split(end, command)[0] if end else command
        yield Printed(str(file.relative_to(ROOT)), found.strip())


def read_strings(file: Path) -> Iterator[str]:
    """The strings of a program; what a formatted one computes is `X`."""
    nodes = list(ast.walk(ast.parse(file.read_text(encoding="utf-8"))))
    formatted = [node for node in nodes if isinstance(node, ast.JoinedStr)]
    parts = {id(part) for node in formatted for part in node.values}
    for node in formatted:
        yield "".join(one.value if isinstance(one, ast.Constant) else "X" for one in node.values)
    for node in nodes:
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in parts:
            yield node.value


SESSION = botocore.session.get_session()
COMMANDS = sorted(set(find_commands()))


def test_the_commands_are_found():
    assert len(COMMANDS) >= FEWEST


@pytest.mark.parametrize("printed", COMMANDS, ids=lambda one: f"{one.where}: {one.text[:60]}")
def test_a_command_exists_with_its_options(printed):
    service, operation, *words = shlex.split(printed.text.replace("'", " "))[1:]
    name = f"{service} {operation}"
    options = {
        word.removeprefix("--"): value
        for word, value in zip_longest(words, words[1:], fillvalue="")
        if word.startswith("--")
    }
    if name in CUSTOM:
        assert set(options) <= CUSTOM[name] | GLOBAL
        return

    model = SESSION.get_service_model({"s3api": "s3"}.get(service, service))
    operations = {xform_name(one, "-"): one for one in model.operation_names}
    assert operation in operations
    shape = model.operation_model(operations[operation]).input_shape
    members = {xform_name(one, "-"): one for one in shape.members} if shape else {}
    for option, value in options.items():
        check_option(shape, members, option, value)
    given = {members.get(option.removeprefix("no-"), members.get(option)) for option in options}
    assert not options or set(shape.required_members) <= given


def check_option(shape: Any, members: dict[str, str], option: str, value: str) -> None:
    """Check the name of an option, and its value where the model says which there are."""
    if option in GLOBAL:
        return
    known = option if option in members else option.removeprefix("no-")
    assert known in members, option
    member = shape.members[members[known]]
    assert (known == option) or member.type_name == "boolean"
    if getattr(member, "enum", None) and "…" not in value:
        assert value in member.enum
    if member.type_name == "structure":
        assert set(re.findall(r"(\w+)=", value)) <= set(member.members)
