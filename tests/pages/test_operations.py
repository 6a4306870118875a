"""The operator's page: health, imports, dead letters and editions."""

import re
from datetime import UTC, datetime

import pytest

from chalicelib.aws.operations import record_import
from chalicelib.domain.refusals import Unavailable
from chalicelib.ports.operations import DeadLetter, DeadLetterQueue, FeedImport
from tests.support.pages import sign_in

NOW = datetime(2026, 11, 27, 9, tzinfo=UTC)


class Known:
    """What a deployment with one dead letter tells."""

    def list_imports(self) -> tuple[FeedImport, ...]:
        return ()

    def list_dead_letters(self) -> tuple[DeadLetterQueue, ...]:
        letter = DeadLetter("m-1", NOW, ("clm_1",), "TimeoutError")
        return (DeadLetterQueue("work", 1, (letter,)), DeadLetterQueue("sweep", 0, ()))


class Broken(Known):
    def list_dead_letters(self) -> tuple[DeadLetterQueue, ...]:
        raise Unavailable


def test_imports_and_editions_are_shown(service):
    counts = {"written": 3, "unchanged": 1, "bad": 1, "removed": 0}
    record_import(service.rows, NOW, {"tenants.jsonl": counts}, ["tenants.jsonl, line 2: no"])
    browser = sign_in(service, None, "operator")

    browser.open("/desk/operations")

    assert "tenants.jsonl" in browser.page.text
    assert "tenants.jsonl, line 2: no" in browser.page.text
    assert "Differs between editions" in browser.page.text
    assert "Nothing is late" in browser.page.text


def test_dead_letters_are_explained_with_the_command_to_retry(service):
    service.exchange(operations=Known())
    browser = sign_in(service, None, "auditor")

    browser.open("/desk/operations")

    assert "cpor tasks retry work --stage local" in browser.page.text
    assert "TimeoutError" in browser.page.text
    assert "retry sweep" not in browser.page.text


def test_a_part_that_cannot_be_read_says_so_and_the_others_are_shown(service):
    service.exchange(operations=Broken())
    browser = sign_in(service, None, "operator")

    browser.open("/desk/operations")

    assert "This part could not be read" in browser.page.text
    assert "Editions of the catalogue" in browser.page.text
    assert "In force" in browser.page.text


def test_health_counts_what_waits_and_is_overdue(service):
    service.customer().file()
    by = service.token(None, "operator", name="Olga")
    before = service.get("/v1/operations/health", by=by)

    service.advance("P14D")
    after = service.get("/v1/operations/health", by=by)

    assert (before["waiting"], before["overdue"]) == (1, 0)
    assert after["overdue"] == 1
    assert before["dead_letters"] is None
    assert service.call("GET", "/v1/operations/health", by=service.token()).status == 403


def test_editions_are_compared_in_words(service):
    browser = sign_in(service, None, "operator")

    browser.open("/desk/operations")

    text = browser.page.text
    for title, length in (
        ("Customer's objection period", "5 business days"),
        ("Reminder to the customer", "business day 3 at 09:00"),
        ("Sending of the notice", "24 hours"),
        ("Retention of proof", "24 months"),
        ("First check of the provisioning", "1 hour"),
    ):
        assert re.search(rf"{title}(\s*{length}){{3}}", text), title
    assert "Tuesday, 1 October 2019" in text
    assert "Volume licensing, Web-direct; with incentive" in text
    assert "Incentives admin, Incentives user" in text


@pytest.mark.parametrize("language", ["en", "de", "fr", "hu", "ja"])
def test_no_code_and_no_length_of_a_machine_is_shown(service, language):
    browser = sign_in(service, None, "operator")

    browser.open(f"/desk/operations?lang={language}")

    text = browser.page.text.partition("curl ")[0]
    assert not re.search(r"\bP(T?\d+)", text)
    assert not re.search(r"\b\d{4}-\d\d-\d\d\b", text)
    assert not re.search(r"\b[a-z]+_[a-z_]+\b", text)
