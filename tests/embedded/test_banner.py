"""What `make run` prints names a partner that the feed has, whatever feed it is."""

import json
from pathlib import Path

import pytest

from tools.embedded.feed import DEMONSTRATION, find_partner


def test_the_demonstration_has_a_partner():
    first = (DEMONSTRATION / "partners.jsonl").read_text(encoding="utf-8").splitlines()[0]

    assert find_partner(DEMONSTRATION) == json.loads(first)["organisation_id"]


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("partners.jsonl", '{"organisation_id": "org_own", "name": "Own"}\n', "org_own"),
        ("partners.jsonl", 'broken\n{"organisation_id": "org_own", "name": "Own"}\n', "org_own"),
        ("partners.csv", "organisation_id,name\norg_own,Own\n", "org_own"),
        ("partners.jsonl", "", None),
        ("tenants.jsonl", "", None),
    ],
)
def test_the_first_valid_partner_of_a_feed_is_named(
    tmp_path: Path, name: str, text: str, expected: str | None
):
    (tmp_path / name).write_text(text, encoding="utf-8")

    assert find_partner(tmp_path) == expected
