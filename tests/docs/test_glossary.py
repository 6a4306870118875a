"""The terms of the code in docs/glossary.md exist."""

import re

from tools.packaging.package import ROOT


def test_every_code_term_is_a_class_of_the_application():
    section = (
        (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8").partition("## Code terms\n")[2]
    )
    terms = set(re.findall(r"^\| `(\w+)` \|", section.partition("\n## ")[0], re.MULTILINE))
    classes = {
        name
        for file in (ROOT / "chalicelib").rglob("*.py")
        for name in re.findall(r"^class (\w+)", file.read_text(encoding="utf-8"), re.MULTILINE)
    }

    assert terms
    assert terms <= classes
