"""Mails contain what they must in every language, and what others wrote stays text."""

import re
from datetime import UTC, date, datetime
from html.parser import HTMLParser

import pytest

from chalicelib.text.i18n import LANGUAGES, format_moment, list_placeholders, translate
from chalicelib.text.mail_facts import NotificationFacts, NotificationItem
from chalicelib.text.mail_layouts import PLANS, TO_ADMINISTRATORS, TO_CUSTOMER, TO_PROGRAMME
from chalicelib.text.mail_renderer import (
    RenderedMail,
    hash_template,
    render_mail,
)

DUE = datetime(2026, 12, 29, 23, tzinfo=UTC)
LINK, VERIFY, SUPPORT = (
    "https://cpor.example/o/abc123",
    "https://cpor.example/verify-mail",
    "https://support.example/",
)
HOSTILE = (
    "Evil\r\nBcc: victim@x.example\r\n\r\n<script>alert(1)</script> {{7*7}} {due} %s "
    "\u202egnp.exe\u0000\u2028"
)
TO_PARTNER = PLANS.keys() - TO_CUSTOMER - TO_PROGRAMME - TO_ADMINISTRATORS
KINDS = [(kind, code) for kind in PLANS for code in LANGUAGES]
WITH_DEADLINE = [kind for kind in PLANS if "until" in PLANS[kind]]


def facts(**changes: object) -> NotificationFacts:
    return NotificationFacts.model_validate(
        {
            "programme": "Partner Programme",
            "name": "ERP",
            "partner": "Northwind Traders",
            "partner_country": "AT",
            "partner_domains": ("northwind.example", "nw.example"),
            "tenant": "Fabrikam AG",
            "items": (
                NotificationItem(
                    name="Dynamics 365 Sales", partner_role="usage_recognition", edition="2024"
                ),
                NotificationItem(name="Exchange Online", partner_role="use_or_consume"),
            ),
            "link": LINK,
            "scope": "tenant",
            "reference": "mai_5k3",
            "verify_url": VERIFY,
            "support_url": SUPPORT,
            "vendor": "Contoso AG",
            "privacy_url": "https://v.example/privacy",
            "imprint_url": "https://v.example/imprint",
            "logo_url": "https://v.example/logo.png",
            "zone": "Europe/Berlin",
            "due_at": DUE,
            "undo_until": DUE,
            "until": DUE,
            "ends_on": date(2026, 12, 31),
            "codes": ("poe_date_missing", "subscription_is_csp", "lost_arbitration"),
            "message": "First line\nSecond line",
            "grounds": {"coverage": "All of it", "recency": "Yesterday"},
            "answered_with": "claim",
            "address": "it@fabrikam.example",
            "clock": "review",
            "claim_id": "clm_1",
            "external_reference": "CRM-77",
            **changes,
        }
    )


class Text(HTMLParser):
    """The text of a page, and the names of its elements."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: set[str] = set()
        self.attributes: set[str] = set()
        self.text = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.add(tag)
        self.attributes |= {name for name, _ in attrs}

    def handle_data(self, data: str) -> None:
        self.text += data


def plain_text(mail: RenderedMail) -> str:
    return f"{mail.subject}\n{mail.text}"


def test_every_mail_can_be_written_in_every_language() -> None:
    offenders = [
        f"{kind} in {code}: {fault}"
        for kind, code in KINDS
        for fault in faults(render_mail(kind, code, facts()), code)
    ]

    assert offenders == []


def faults(mail: RenderedMail, code: str) -> list[str]:
    """Name what a mail lacks, and what it must not contain."""
    holds = {
        "subject": mail.subject and "\n" not in mail.subject,
        "placeholders": not re.search("[{]|Undefined", plain_text(mail)),
        "language": f'<html lang="{code}">' in mail.html,
        "sender": translate(code, "mail.automatic") in mail.text,
        "link": LINK in mail.text and f'href="{LINK}"' in mail.html,
        "reference": VERIFY in mail.text and "mai_5k3" in mail.text,
    }
    return [name for name, good in holds.items() if not good]


def test_text_and_html_say_the_same() -> None:
    offenders = [
        f"{kind} in {code}: {line}"
        for kind, code in KINDS
        for line in lines_missing_in_html(render_mail(kind, code, facts()))
    ]

    assert offenders == []


def lines_missing_in_html(mail: RenderedMail) -> list[str]:
    shown = " ".join(Text(mail.html).text.split())
    lines = (
        " ".join(line.lstrip("->").rstrip(":： \u00a0").split()) for line in mail.text.splitlines()
    )
    return [line for line in lines if line.removeprefix("-- ") not in shown]


def test_a_mail_about_a_deadline_names_the_moment_with_its_hour_and_zone() -> None:
    offenders = [
        f"{kind} in {code}"
        for kind in WITH_DEADLINE
        for code in LANGUAGES
        if format_moment(code, DUE, "Europe/Berlin") not in render_mail(kind, code, facts()).text
    ]

    assert WITH_DEADLINE
    assert offenders == []


@pytest.mark.parametrize("kind", WITH_DEADLINE)
def test_a_mail_about_a_deadline_is_not_written_without_the_moment(kind: str) -> None:
    with pytest.raises(KeyError, match="due"):
        render_mail(kind, "en", facts(due_at=None))


@pytest.mark.parametrize("code", LANGUAGES)
@pytest.mark.parametrize("scope", ["tenant", "claim"])
def test_the_notice_says_all_that_a_customer_must_know(code: str, scope: str) -> None:
    mail = render_mail("notice", code, facts(scope=scope))

    for wanted in (
        "Northwind Traders",
        "Fabrikam AG",
        "Partner Programme",
        "Dynamics 365 Sales",
        "Exchange Online",
    ):
        assert wanted in mail.text
    for key in ("no_action", "how", f"scope_{scope}"):
        assert translate(code, f"mail.shared.{key}", partner="Northwind Traders") in mail.text
    for key in ("sees", "why", "after", "silence"):
        assert (
            translate(
                code,
                f"mail.shared.{key}",
                partner="Northwind Traders",
                programme="Partner Programme",
            )
            in mail.text
        )
    assert translate(code, "partner_role.usage_recognition.name.2024") in mail.text
    assert translate(code, "partner_role.use_or_consume.for_customer") in mail.text


def test_a_notice_says_at_the_earliest_until_its_delivery_has_set_the_clock() -> None:
    before = render_mail("notice", "en", facts())
    after = render_mail("notice_amended", "en", facts(clock_started=True))

    assert (
        "starting when this mail is delivered: at least until Tuesday, 29 December 2026, 24:00"
        in before.text
    )
    assert "You can object until Tuesday, 29 December 2026, 24:00 (Berlin time)." in after.text


@pytest.mark.parametrize("kind", ["notice", "notice_amended", "reminder", "new_contact"])
def test_a_notice_repeats_nothing_that_the_partner_wrote_but_its_registered_name(kind: str) -> None:
    written = {
        "message": "Buy now!",
        "external_reference": "Buy now!",
        "claim_id": "Buy now!",
        "codes": ("Buy now!",),
        "grounds": {"coverage": "Buy now!"},
        "address": "Buy now!",
    }

    mail = render_mail(kind, "en", facts(**written))

    assert "Buy now!" not in plain_text(mail) + mail.html


@pytest.mark.parametrize("code", LANGUAGES)
@pytest.mark.parametrize("kind", ["customer_opted_out", "customer_agreed"])
def test_the_receipt_of_an_act_says_how_and_until_when_to_undo_it(kind: str, code: str) -> None:
    mail = render_mail(kind, code, facts())

    assert (
        translate(code, f"mail.{kind}.undo", undo_until=format_moment(code, DUE, "Europe/Berlin"))
        in mail.text
    )
    assert translate(code, "mail.by.claim") in mail.text
    assert translate(code, "mail.not_you", support_url=SUPPORT) in mail.text


@pytest.mark.parametrize("code", LANGUAGES)
@pytest.mark.parametrize("kind", ["notice", "reminder", "new_contact"])
def test_a_notice_puts_what_until_when_and_the_button_first(kind: str, code: str) -> None:
    mail = render_mail(kind, code, facts(clock_started=True))

    order = ["Northwind Traders", "Dynamics 365 Sales", format_moment(code, DUE, "Europe/Berlin")]
    if kind == "reminder":
        order = order[:2]
    order += [LINK, translate(code, "mail.shared.after", partner="Northwind Traders")]
    body = mail.text.partition("\n")[2]
    places = [body.index(one) for one in order]
    assert places == sorted(places)


@pytest.mark.parametrize("code", LANGUAGES)
@pytest.mark.parametrize("kind", sorted(PLANS))
def test_every_mail_says_who_sends_it_and_links_what_can_be_opened(kind: str, code: str) -> None:
    mail = render_mail(kind, code, facts())

    assert translate(code, "mail.explain") in mail.text
    assert "Contoso AG" in mail.text
    for url in ("https://v.example/privacy", "https://v.example/imprint", SUPPORT, VERIFY):
        assert url in mail.text
        assert f'href="{url}"' in mail.html
    assert '<img src="https://v.example/logo.png" alt="">' in mail.html


def test_nothing_in_a_mail_makes_it_wider_than_a_phone() -> None:
    html = render_mail("notice", "en", facts(link="https://x.example/o/" + "a" * 300)).html

    assert "overflow-wrap: anywhere" in html
    assert not re.search(r"(?<!max-)(?<!-)width: ?[0-9]{3,}px", html)


def test_what_is_not_known_and_need_not_be_is_left_out() -> None:
    mail = render_mail(
        "customer_opted_out", "en", facts(undo_until=None, answered_with="", support_url="")
    )

    assert "undo" not in mail.text
    assert "The answer was given" not in mail.text


@pytest.mark.parametrize("code", LANGUAGES)
def test_reason_codes_become_whole_sentences(code: str) -> None:
    mail = render_mail("rejected", code, facts())

    assert translate(code, "review_code.poe_date_missing") in mail.text
    assert translate(code, "reason.lost_arbitration") in mail.text
    assert translate(code, "finding.subscription_is_csp.detail") in mail.text
    assert "poe_date_missing" not in mail.text


def test_a_code_that_this_version_does_not_know_is_shown_as_it_is() -> None:
    assert (
        "- a_code_of_tomorrow"
        in render_mail("rejected", "de", facts(codes=("a_code_of_tomorrow",))).text
    )


def test_a_reviewers_message_is_quoted_line_by_line() -> None:
    mail = render_mail("info_requested", "en", facts(message="One\r\n\r\n-- \r\nPartner Programme"))

    assert "> One\n> \n> --\n> Partner Programme\n" in mail.text


def test_the_grounds_of_an_arbitration_have_their_names() -> None:
    mail = render_mail("arbitration_decided", "de", facts())

    assert "Was der Nachweis abdeckt:\n> All of it" in mail.text


def test_a_decision_that_cannot_be_disputed_does_not_say_that_it_can() -> None:
    assert "dispute" in render_mail("rejected", "en", facts()).text
    assert "dispute" not in render_mail("rejected", "en", facts(until=None)).text


def test_hostile_names_and_words_stay_text() -> None:
    written = dict.fromkeys(
        ("partner", "tenant", "message", "address", "external_reference", "programme", "claim_id"),
        HOSTILE,
    )
    item = NotificationItem(name=HOSTILE, partner_role="use_or_consume")
    wild = facts(**written, codes=(HOSTILE,), grounds={"coverage": HOSTILE}, items=(item,))

    offenders = [
        f"{kind} in {code}: {found}"
        for kind, code in KINDS
        for found in active_parts(render_mail(kind, code, wild))
    ]

    assert offenders == []


def active_parts(mail: RenderedMail) -> list[str]:
    """Name the places of a mail where what others wrote is more than text."""
    page = Text(mail.html)
    active = {
        "subject": re.search(r"[\x00-\x1f\x7f\u2028\u202e]", mail.subject),
        "text": re.search(r"[\x00-\x09\x0b-\x1f\x7f\u2028\u202e]", mail.text),
        "header": re.search(r"^(Bcc|bcc):", mail.text, re.MULTILINE),
        "template": "49" in plain_text(mail),
        "script": "script" in page.elements,
        "handler": any(name.startswith("on") for name in page.attributes),
    }
    return [name for name, found in active.items() if found]


def test_values_are_not_read_as_placeholders() -> None:
    mail = render_mail("notice", "en", facts(partner="{due} {tenant.__class__} %s {{7*7}}"))

    assert "{due} {tenant.__class__} %s {{7*7}} has asked Partner Programme" in mail.text
    assert "{due} {tenant.__class__} %s {{7*7}} has asked Partner Programme" in mail.html


def test_a_long_name_is_cut() -> None:
    assert len(render_mail("notice", "en", facts(partner="N" * 5000)).subject) < 200


def test_the_hash_tells_one_wording_from_another_and_not_one_reader_from_another() -> None:
    notice = render_mail("notice", "en", facts())
    same = render_mail(
        "notice", "en", facts(partner="Tailspin Toys", due_at=datetime(2027, 1, 5, 23, tzinfo=UTC))
    )

    assert notice.template_version == "notice-2"
    assert re.fullmatch("[0-9a-f]{64}", notice.template_hash)
    assert notice.template_hash == same.template_hash
    assert len({hash_template(kind, code) for kind, code in KINDS}) == len(KINDS)


def test_an_unknown_kind_raises() -> None:
    with pytest.raises(KeyError, match="no_such_mail"):
        render_mail("no_such_mail", "en", facts())


def test_every_subject_is_made_of_facts_that_its_mail_needs_anyway() -> None:
    known_to_all = {"partner", "tenant", "claim_id", "clock", "ends_on", "name"}
    for kind, plan in PLANS.items():
        if list_placeholders(f"mail.{kind}.subject") - known_to_all:
            assert "until" in plan or kind in TO_PROGRAMME


def test_partners_read_which_claim_it_is_and_customers_do_not() -> None:
    for kind in TO_PARTNER:
        assert "CRM-77" in render_mail(kind, "en", facts()).text
    for kind in TO_CUSTOMER:
        assert "CRM-77" not in render_mail(kind, "en", facts()).text
