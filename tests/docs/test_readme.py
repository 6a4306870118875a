"""The README says what is true: its pictures are the tables, and its walk leads to an active
association.
"""

import os
import subprocess
from collections.abc import Iterator

import pytest

from tools import embedded
from tools.generate.diagrams import README, drawn

WALK = ("<!-- walk: begin -->\n```sh\n", "```\n<!-- walk: end -->")


@pytest.fixture
def fresh_service() -> Iterator[embedded.Running]:
    """A service of its own, as `make run` gives it: the shared one's clock may be years ahead of
    the demonstration.
    """
    running = embedded.start()
    yield running
    running.stop()


def test_the_pictures_are_drawn_from_the_tables():
    text = README.read_text(encoding="utf-8")

    assert text == drawn(text), "run: python -m tools.generate.diagrams"


def test_the_walk_leads_to_an_active_association(fresh_service, tmp_path):
    script = README.read_text(encoding="utf-8").partition(WALK[0])[2].partition(WALK[1])[0]
    (tmp_path / "walk.sh").write_text(
        "set -eu\n" + script.replace("/tmp/proof.pdf", str(tmp_path / "proof.pdf")),
        encoding="utf-8",
    )

    done = subprocess.run(
        ["bash", str(tmp_path / "walk.sh")],
        env={**os.environ, "BASE": fresh_service.url},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )

    assert done.returncode == 0, done.stdout + done.stderr
    assert "submitted" in done.stdout
    assert "'state': 'active'" in done.stdout
    assert "licenses_sold" in done.stdout


def test_every_file_that_the_readme_names_is_there():
    text = README.read_text(encoding="utf-8")
    named = {part.partition(")")[0] for part in text.split("](")[1:]}

    assert all((README.parent / name).exists() for name in named if not name.startswith("http")), (
        named
    )
