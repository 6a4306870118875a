"""Mails to partners and the programme begin with what matters, in the vendor's colour."""

import re

import pytest

from chalicelib.text.colours import DARK_GROUNDS, find_contrast
from chalicelib.text.i18n import format_moment, translate
from chalicelib.text.mail_layouts import PLANS, TO_CUSTOMER
from chalicelib.text.mail_renderer import render_mail
from tests.text.test_mails import DUE, LINK, facts

STATED = {  # what the first sentence of a mail may name
    "due": format_moment("en", DUE, "Europe/Berlin"),
    "clock": translate("en", "clock.review"),
    "name": "ERP",
    "ends_on": "Thursday, 31 December 2026",
    "tenant": "Fabrikam AG",
}


@pytest.mark.parametrize("kind", sorted(PLANS.keys() - TO_CUSTOMER))
def test_a_mail_to_partners_puts_what_until_when_and_the_button_first(kind: str) -> None:
    words = [word.rstrip("?") for word in PLANS[kind]]

    before, after = words[: words.index("link")], words[words.index("link") + 1 :]

    assert before[0] == "what"
    assert set(before[1:]) <= {"until", "dispute", "undo", "ends"}  # each says until when
    assert not {"until", "dispute", "undo"} & set(after)
    text = render_mail(kind, "en", facts(codes=("agreement_undone",))).text
    assert text.index(translate("en", f"mail.{kind}.what", **STATED)) < text.index(LINK)


def test_without_a_logo_the_name_stands_alone_in_the_vendors_colour() -> None:
    mail = render_mail("notice", "en", facts(logo_url="", brand_colour="#6b1f4a"))

    assert "<img" not in mail.html
    assert ".brand { font-weight: 600; color: #6b1f4a; }" in mail.html
    assert "a.button { display: inline-block; padding: 12px 20px; background: #6b1f4a;" in mail.html
    assert "#0a559e" not in mail.html
    on_dark = re.search(r"a, \.brand { color: (#[0-9a-f]{6}); }", mail.html)
    assert on_dark is not None
    assert all(find_contrast(on_dark[1], ground) >= 4.5 for ground in DARK_GROUNDS)
