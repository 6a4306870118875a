"""Where the calendars end, the sandbox's clock stops with a clear error, and no deadline is
guessed.
"""

import pytest

from tests.support.in_process import in_process


@pytest.mark.parametrize(
    ("asked", "pointer"),
    [
        ({"to": "2035-12-20T00:00:00Z"}, "/to"),
        ({"to": "2036-01-01T00:00:00Z"}, "/to"),
        ({"to": "9999-12-31T23:59:59Z"}, "/to"),
        ({"advance": "P20Y"}, "/advance"),
    ],
)
def test_the_clock_refuses_to_go_where_no_calendar_reaches(
    asked: dict[str, str], pointer: str
) -> None:
    with in_process() as service:
        before = service.now()

        refused = service.call("POST", "/sandbox/clock", asked)

        assert refused.status == 422, refused.text
        assert [(e["code"], e["pointer"]) for e in refused.json["errors"]] == [
            ("clock_too_far", pointer)
        ]
        assert "1 December 2035" in refused.json["errors"][0]["hint"]
        assert before <= service.now() < "2035"


def test_the_last_moment_that_it_goes_to_still_has_every_deadline() -> None:
    with in_process() as service:
        service.to("2035-11-30T23:59:59Z")
        customer = service.customer()
        claim = customer.file()

        assert {c["due_at"][:4] for c in customer.claim(claim)["clocks"]} == {"2035"}
        assert customer.answer(claim, "opt_out").status == 303
        assert customer.answer(claim, "undo").status == 303
