"""A few of the cases that `python -m tests.contract.published_document` tries, so that no change
contradicts the document.
"""

import pytest

from tests.contract.published_document import MODES, Tally, a_contract, shares, try_share

pytestmark = pytest.mark.xdist_group("contract")  # one set of fixtures for all of it

CASES = 260


@pytest.fixture(scope="module")
def contract():
    with a_contract() as made:
        yield made


def test_no_answer_contradicts_the_published_document(contract, capsys):
    tally = Tally()

    for share in shares(contract.operations(), CASES):
        try_share(contract, share, 1, tally)

    assert tally.contradictions == []
    assert tally.cases >= len(contract.operations())
    assert {status for status in tally.statuses if status >= 500} == set()


def test_every_route_is_tried_both_ways(contract):
    assert len(list(shares(contract.operations(), CASES))) == len(MODES) * len(contract.roles)


def test_every_answer_has_a_shape(contract):
    shapeless = [
        f"{method} {path}"
        for path, some in contract.schema.raw_schema["paths"].items()
        for method, one in some.items()
        for status, answer in one["responses"].items()
        if status.startswith("2")
        for content in answer.get("content", {}).values()
        if content["schema"] == {}
    ]

    assert shapeless == []
