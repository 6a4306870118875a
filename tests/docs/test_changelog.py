"""The version is in one place, and the change log begins with it."""

import re

import cpor
from tools.packaging.package import ROOT


def test_the_change_log_begins_with_the_version_of_the_package():
    newest = re.search(r"^## (\S+)", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE)

    assert newest
    assert newest[1] == cpor.__version__
    assert re.fullmatch(r"\d+\.\d+\.\d+", cpor.__version__)
