"""A notice says who asks, with the country and the domains that the programme knows."""

import pytest

from chalicelib.text.countries import name_country
from chalicelib.text.holiday_table import list_countries
from chalicelib.text.i18n import LANGUAGES
from chalicelib.text.mail_renderer import render_mail
from chalicelib.web.pages.page_renderer import render_customer_page
from tests.pages.views import claim, frame, view
from tests.text.test_mails import facts

AUSTRIA = {
    "de": "Österreich",
    "en": "Austria",
    "fr": "Autriche",
    "hu": "Ausztria",
    "ja": "オーストリア",
}
NOTICES = ("notice", "notice_amended", "new_contact")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", NOTICES)
def test_a_notice_names_the_country_and_the_domains_of_the_partner(kind, language):
    mail = render_mail(kind, language, facts())

    for text in (mail.text, mail.html):
        assert AUSTRIA[language] in text
        assert "northwind.example, nw.example" in text


@pytest.mark.parametrize("kind", NOTICES)
def test_what_is_not_known_of_a_partner_is_left_out(kind):
    mail = render_mail(kind, "en", facts(partner_country="", partner_domains=()))

    assert "Country of" not in mail.text
    assert "Verified domains" not in mail.text


def test_every_country_of_a_calendar_has_a_name_in_every_language():
    nameless = [
        (language, code)
        for language in LANGUAGES
        for code in list_countries()
        if name_country(language, code) == code
    ]

    assert nameless == []
    assert name_country("en", "qq") == "QQ"


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_names_the_country_and_the_domains_of_the_partner(language):
    known = {"partner_country": "AT", "partner_domains": ("northwind.example", "nw.example")}

    page = render_customer_page(frame(language=language), view(claim(**known)))
    unknown = render_customer_page(frame(language=language), view(claim()))

    assert AUSTRIA[language] in page
    assert "northwind.example, nw.example" in page
    assert AUSTRIA[language] not in unknown
