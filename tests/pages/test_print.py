"""What a page is on paper: what it says, without what can only be clicked."""

import re

from chalicelib.web.pages.static_files import FOLDER
from tests.support.pages import Browser, PageReader

SHEET = (FOLDER / "product.css").read_text(encoding="utf-8")
CONTROLS = ("input", "button", "select", "textarea")


def find_hidden() -> set[str]:
    """Return the selectors that the sheet hides on paper."""
    printed = SHEET.split("@media print {", 1)[1]
    hidden = re.search(r"([^{}]+)\{ display: none; \}", printed)
    assert hidden is not None
    return {one.strip() for one in hidden[1].split(",")}


def test_paper_has_no_forms_navigation_or_sandbox_bar():
    wanted = {"form", ".answer", ".others", ".sandbox", "nav", ".foot", ".buttons", "summary"}

    assert wanted <= find_hidden()


def test_paper_says_what_is_asked_which_on_the_screen_stands_in_the_form(
    service, customer, browser
):
    claim = customer.file(1)
    customer.review(claim, "start")
    codes = ["poe_item_missing", "poe_date_missing"]
    customer.review(claim, "request-info", {"codes": codes, "message": "Page 4, please."})

    browser.open(f"/portal/claims/{claim['id']}")

    printed = re.sub(r"<form.*?</form>", "", browser.reply.text, flags=re.DOTALL)
    assert "shows no date of the customer's acknowledgement" in PageReader(printed).text
    assert '<ol class="paper">' in printed
    assert ".paper { display: block; }" in SHEET.split("@media print {", 1)[1]


def test_the_empty_frame_of_a_file_is_not_printed():
    assert ".doc iframe" in find_hidden()


def test_the_customers_forms_leave_no_heading_or_control_on_paper(service, customer):
    claim = customer.file(1)
    browser = Browser(service)
    browser.open(service.link(claim["id"], customer.admin) + "?lang=en")
    main = browser.reply.text.split("<main", 1)[1].split("</main>", 1)[0]

    hidden = r'<section[^>]*class="(answer|others)".*?</section>|<form.*?</form>'
    printed = re.sub(hidden, "", main, flags=re.DOTALL)

    assert main.count("<form") > 3
    assert [tag for tag in CONTROLS if f"<{tag}" in printed] == []
    headings = re.findall(r"<h2[^>]*>(.*?)</h2>", printed)
    assert [one for one in headings if "answer" in one.lower() or "Other things" in one] == []
    assert "Dynamics 365 Sales Enterprise" in PageReader(printed).text
    assert "Objection possible until" in printed or "You can object until" in printed
