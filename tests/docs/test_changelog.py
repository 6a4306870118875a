"""The version is in one place, the change log begins with it, and a release has its notes."""

import re

import pytest

from chalicelib.domain.version import VERSION
from tools.errors import ToolError
from tools.packaging.package import ROOT
from tools.release_notes import find_notes

RELEASED = "# Changes\n\n## 1.2.0\n\n- Newer.\n\n## 1.1.0\n\n### Partners\n\n- Older.\n"


def test_the_change_log_begins_with_the_version_of_the_package():
    newest = re.search(r"^## (\S+)", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE)

    assert newest
    assert newest[1] == VERSION
    assert re.fullmatch(r"\d+\.\d+\.\d+", VERSION)


@pytest.mark.parametrize(
    ("version", "notes"), [("1.2.0", "- Newer.\n"), ("1.1.0", "### Partners\n\n- Older.\n")]
)
def test_a_release_has_the_notes_of_its_version(version, notes):
    assert find_notes(RELEASED, f"v{version}", version) == notes


@pytest.mark.parametrize(
    ("text", "tag"),
    [
        (RELEASED, "v1.2.1"),
        (RELEASED, "1.2.0"),
        (RELEASED.replace("## 1.2.0", "## 1.2.0 (unreleased)"), "v1.2.0"),
        ("# Changes\n", "v1.2.0"),
    ],
)
def test_a_tag_that_is_not_the_finished_version_is_no_release(text, tag):
    with pytest.raises(ToolError):
        find_notes(text, tag, "1.2.0")
