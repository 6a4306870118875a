"""The sections of `docs/` that code and tests cite as the source of a rule exist."""

import re
import subprocess
from collections.abc import Iterator

from tests.support.source_tree import ROOT

DOCUMENTS = ("domain", "api")
CITED = re.compile(r"\b([a-z-]+)\.md\b(?:, \"([^\"]+)\")?")
COMMENT_BREAK = re.compile(r"\s*\n\s*(?:#\s*)?")
CITING = ("app.py", "chalicelib", "cpor", "tools", "tests", "bench")
# Files of their own, which are named as files and not as a source of rules.
OTHER_FILES = {"README", "CHANGELOG", "CONTRIBUTING", "SECURITY", "RESULTS"}


def flatten(text: str) -> str:
    """Join the lines of a text, those of comments too."""
    return COMMENT_BREAK.sub(" ", text)


def read_citations() -> Iterator[tuple[str, str, str]]:
    listed = subprocess.run(
        ["git", "ls-files", *CITING], cwd=ROOT, capture_output=True, text=True, check=True
    )
    for path in listed.stdout.split():
        if path.endswith(".py") and path != "tests/docs/test_citations.py":
            for document, section in CITED.findall(flatten((ROOT / path).read_text())):
                yield path, document, section


def test_every_cited_section_exists():
    known = {name: flatten((ROOT / "docs" / f"{name}.md").read_text()) for name in DOCUMENTS}
    names = {path.stem for path in (ROOT / "docs").rglob("*.md")} | OTHER_FILES
    cited = list(read_citations())

    assert [c for c in cited if c[1] not in names] == []
    assert [c for c in cited if c[1] in known and c[2] not in known[c[1]]] == []
    assert len(cited) > 50, "the citations are not found any more"
