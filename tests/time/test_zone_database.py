"""The time zones in use are those of the pinned tzdata, not those of the host."""

import os
import re
import subprocess
import sys
import zoneinfo
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path

from tools.generate import zones as generator

ROOT = Path(__file__).resolve().parents[2]
READ = """
import chalicelib, zoneinfo
from datetime import datetime, UTC
there = zoneinfo.ZoneInfo("Africa/Casablanca")
print(zoneinfo.TZPATH, datetime(2026, 12, 15, tzinfo=UTC).astimezone(there).isoformat())
"""


def test_the_host_s_database_is_never_searched() -> None:
    assert zoneinfo.TZPATH == ()


def test_a_host_with_an_older_database_changes_nothing(tmp_path: Path) -> None:
    """Berlin's file under the name of Casablanca represents an old database: it is an hour off."""
    old = tmp_path / "Africa" / "Casablanca"
    old.parent.mkdir()
    old.write_bytes(files("tzdata").joinpath("zoneinfo/Europe/Berlin").read_bytes())

    read = subprocess.run(
        [sys.executable, "-c", READ],
        env=os.environ | {"PYTHONTZPATH": str(tmp_path)},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )

    assert read.stdout.strip() == "() 2026-12-15T00:00:00+00:00"


def test_the_database_is_the_pinned_one() -> None:
    pinned = re.search(r"^tzdata==([\d.]+)", (ROOT / "requirements.txt").read_text(), re.MULTILINE)

    assert pinned is not None
    assert version("tzdata") == pinned[1]


def test_the_zones_of_countries_are_those_of_the_database() -> None:
    written = (ROOT / "chalicelib/text/zones.txt").read_text().splitlines()

    assert written == list(generator.make_lines())
