"""What README.md and docs/ say is true: scripts run as printed, links lead somewhere."""

import json
import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tools import embedded

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = [ROOT / "README.md", *sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").glob("*.md"))]
LINK = re.compile(r"\]\((?!http)([^)#]+)")


@pytest.fixture(scope="module")
def fresh_service() -> Iterator[embedded.Running]:
    """A service of its own, as `make run` starts it: the shared one's clock may be years ahead of
    the demonstration.
    """
    running = embedded.start()
    yield running
    running.stop()


def script(document: str, name: str) -> str:
    """The script between the marks `name: begin` and `name: end` of a document."""
    text = (ROOT / document).read_text(encoding="utf-8")
    return text.partition(f"<!-- {name}: begin -->\n```sh\n")[2].partition("```\n")[0]


def run(text: str, url: str) -> str:
    done = subprocess.run(
        ["bash", "-euc", text],
        env={**os.environ, "BASE": url},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_the_check_of_the_readme_lists_what_is_missing(fresh_service):
    answer = json.loads(run(script("README.md", "check"), fresh_service.url))

    assert "evidence_missing" in json.dumps(answer)


def test_the_first_claim_becomes_an_active_association(fresh_service, tmp_path):
    text = script("docs/first-claim.md", "walk").replace("/tmp/", f"{tmp_path}/")

    printed = run(text, fresh_service.url)

    assert "submitted" in printed
    assert "'state': 'active'" in printed
    assert "licenses_sold" in printed


def test_every_file_that_a_document_links_to_exists():
    broken = [
        f"{document.name}: {link}"
        for document in DOCUMENTS
        for link in LINK.findall(document.read_text(encoding="utf-8"))
        if not (document.parent / link).exists()
    ]

    assert not broken


def test_the_readme_is_short():
    assert len((ROOT / "README.md").read_text(encoding="utf-8").splitlines()) <= 120
