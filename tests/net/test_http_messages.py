"""What responses mean."""

import pytest

from chalicelib.net.http_messages import NotJson, Response, parse_json_object, parse_retry_after


@pytest.mark.parametrize(
    "header", ["", "soon", "-1", "1.5", "１", "9" * 40, "Fri, 20 Nov 2026", "nan", "inf"]
)
def test_a_wait_of_no_time_is_not_reported(header: str) -> None:
    assert parse_retry_after({"Retry-After": header}) is None


@pytest.mark.parametrize(
    "date", [f"01 Jan {'9' * 20} 00:00:00 GMT", f"20 Nov 2026 00:00:00 +{'9' * 20}"]
)
def test_a_wait_until_a_moment_that_no_calendar_has_is_not_reported(date: str) -> None:
    headers = {"Retry-After": f"Fri, {date}", "Date": "Fri, 20 Nov 2026 09:00:00 GMT"}

    assert parse_retry_after(headers) is None


def test_a_wait_until_the_past_is_no_wait() -> None:
    assert (
        parse_retry_after(
            {
                "Retry-After": "Fri, 20 Nov 2026 08:00:00 GMT",
                "Date": "Fri, 20 Nov 2026 09:00:00 GMT",
            }
        )
        == 0.0
    )


@pytest.mark.parametrize(
    "body", [b"", b"x", b"[1]", b'"x"', b"\xff", b"[" * 100_000, b'{"a":' * 100_000]
)
def test_only_an_object_is_a_json_answer(body: bytes) -> None:
    with pytest.raises(NotJson):
        parse_json_object(Response(200, {"Content-Type": "application/json"}, body))
