"""The claims of the demonstration are filed with one click, once, where the demonstration is."""

from pathlib import Path

from cpor.feeds.importing import find_sources, import_feed
from tests.support.pages import Browser

DEMO = Path(__file__).parents[2] / "cpor" / "demo"


def test_the_demonstration_is_filed_once_however_often_one_clicks(service):
    report = import_feed(find_sources(DEMO), service.rows, lambda name, lines: None, workers=1)
    browser = Browser(service)
    browser.open("/")
    page = browser.page

    browser.submit("File the demonstration's claims")
    mails = browser.page.text
    browser.page = page
    browser.submit("File the demonstration's claims")

    assert report.ok
    assert browser.address == "/sandbox/mailbox"
    assert "it@fabrikam.example" in mails
    partners = ("org_northlight", "org_contrail", "org_minato")
    filed = {
        one: [
            claim["status"]
            for claim in service.get("/v1/claims", by=service.token(one, "incentives_admin"))[
                "data"
            ]
        ]
        for one in partners
    }
    assert filed == {
        "org_northlight": ["submitted", "submitted"],
        "org_contrail": ["submitted"],
        "org_minato": ["submitted"],
    }


def test_with_another_feed_there_is_no_such_button(service, customer):
    browser = Browser(service)

    browser.open("/")

    assert "File the demonstration's claims" not in browser.reply.text
