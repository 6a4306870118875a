"""Nobody alone opens what another must consent to, and nobody alone removes another's right.

More walks: `python -m tests.security.alone 1..10000`.
"""

import re
import subprocess
import sys

import pytest

from chalicelib.web.routes import ROUTES as SERVED
from tests.security.alone.acts import NO_ACT, ROUTES
from tests.security.alone.defects import DEFECTS
from tests.security.alone.people import ACTORS
from tests.security.alone.situations import SITUATIONS

WALKS = len(ACTORS) * len(SITUATIONS)  # every actor in every situation
ALL = "1..3000"
# Where each defect was last found: these walks are played first, and all where a change of the
# service or of its routes has moved a defect elsewhere. Record the new walk then: it saves minutes.
FOUND_AT = {
    "found_address_needs_no_second_person": "51",
    "finder_confirms_the_address": "51",
    "finder_decides": "363",
    "block_does_not_cover_undo": "1675",
    "agreement_needs_no_confirmation": "22",
    "claim_link_agrees": "18",
    "claim_link_sets": "18",
    "named_contact_counts": "48",
    "one_senior_decides_a_case": "543",
    "one_reviewer_resumes": "206",
    "anyone_ends_an_association": "288",
    "revoked_by_one_person": "387",
}


def search(walks: str, *options: str) -> subprocess.CompletedProcess[str]:
    """Search in a process of its own: the order of sets is fixed before Python starts."""
    command = [sys.executable, "-m", "tests.security.alone", walks, "--processes", "1", *options]
    return subprocess.run(command, check=False, capture_output=True, text=True)


def test_no_walk_reaches_anything_alone() -> None:
    found = search(f"1..{WALKS}")

    print(found.stdout[-300:])
    assert found.returncode == 0, found.stdout[-6000:] + found.stderr[-2000:]
    openings = re.search(r"([\d,]+) openings", found.stdout)
    assert openings
    assert int(openings[1].replace(",", "")) > WALKS // 4  # others open some, as they may


@pytest.mark.parametrize("name", FOUND_AT)
def test_a_deliberate_defect_is_found(name: str) -> None:
    found = search(FOUND_AT[name], "--defect", name)
    if found.returncode:
        found = search(ALL, "--defect", name)

    print(found.stdout)
    assert found.returncode == 0, found.stdout + found.stderr
    assert f"{name}: walk " in found.stdout
    assert ": Broken: " in found.stdout


def test_a_walk_is_recorded_for_every_defect() -> None:
    assert FOUND_AT.keys() == {defect.__name__ for defect in DEFECTS}


def test_every_route_has_an_act() -> None:
    served = {f"{route.method} {route.path}" for route in SERVED if route.method != "GET"}
    left_out = {one for one in served if any(part in one for part in NO_ACT)}

    assert served - left_out == {one for one in ROUTES if not one.startswith("GET ")}
