"""Letters say what they must, in every language, and what strangers wrote stays what it is: text."""

import re
from datetime import UTC, date, datetime
from html.parser import HTMLParser

import pytest

from chalicelib.text.i18n import LANGUAGES, format_moment, list_placeholders, translate
from chalicelib.text.mail_layouts import PLANS, TO_CUSTOMER, TO_PROGRAMME
from chalicelib.text.mail_renderer import (
    NotificationFacts,
    NotificationItem,
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
HOSTILE = "Evil\r\nBcc: victim@x.example\r\n\r\n<script>alert(1)</script> {{7*7}} {due} %s \u202egnp.exe\u0000\u2028"
TO_PARTNER = PLANS.keys() - TO_CUSTOMER - TO_PROGRAMME
KINDS = [(kind, code) for kind in PLANS for code in LANGUAGES]


def facts(**changes: object) -> NotificationFacts:
    return NotificationFacts.model_validate(
        {
            "programme": "Partner Programme",
            "partner": "Northwind Traders",
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


def said(notification: RenderedMail) -> str:
    return f"{notification.subject}\n{notification.text}"


@pytest.mark.parametrize(("kind", "code"), KINDS)
def test_every_letter_can_be_written_in_every_language(kind: str, code: str) -> None:
    notification = render_mail(kind, code, facts())

    assert notification.subject and "\n" not in notification.subject
    assert "{" not in said(notification) and "Undefined" not in said(notification)
    assert f'<html lang="{code}">' in notification.html
    assert translate(code, "mail.automatic") in notification.text
    assert LINK in notification.text and f'href="{LINK}"' in notification.html
    assert VERIFY in notification.text and "mai_5k3" in notification.text


@pytest.mark.parametrize(("kind", "code"), KINDS)
def test_text_and_html_say_the_same(kind: str, code: str) -> None:
    notification = render_mail(kind, code, facts())

    shown = " ".join(Text(notification.html).text.split())
    for line in notification.text.splitlines():
        assert " ".join(line.lstrip("->").rstrip(":").split()).removeprefix("-- ") in shown


@pytest.mark.parametrize("code", LANGUAGES)
@pytest.mark.parametrize("kind", [kind for kind in PLANS if "until" in PLANS[kind]])
def test_a_letter_about_a_deadline_names_the_moment_with_its_hour_and_zone(
    kind: str, code: str
) -> None:
    assert format_moment(code, DUE, "Europe/Berlin") in render_mail(kind, code, facts()).text


@pytest.mark.parametrize("kind", [kind for kind in PLANS if "until" in PLANS[kind]])
def test_a_letter_about_a_deadline_is_not_written_without_the_moment(kind: str) -> None:
    with pytest.raises(KeyError, match="due"):
        render_mail(kind, "en", facts(due_at=None))


@pytest.mark.parametrize("code", LANGUAGES)
@pytest.mark.parametrize("scope", ["tenant", "claim"])
def test_the_notice_says_all_that_a_customer_must_know(code: str, scope: str) -> None:
    notification = render_mail("notice", code, facts(scope=scope))

    for wanted in (
        "Northwind Traders",
        "Fabrikam AG",
        "Partner Programme",
        "Dynamics 365 Sales",
        "Exchange Online",
    ):
        assert wanted in notification.text
    for key in ("no_action", "how", f"scope_{scope}"):
        assert (
            translate(code, f"mail.shared.{key}", partner="Northwind Traders") in notification.text
        )
    for key in ("sees", "why", "after", "silence"):
        assert (
            translate(
                code,
                f"mail.shared.{key}",
                partner="Northwind Traders",
                programme="Partner Programme",
            )
            in notification.text
        )
    assert translate(code, "partner_role.usage_recognition.name.2024") in notification.text
    assert translate(code, "partner_role.use_or_consume.for_customer") in notification.text


def test_a_notice_says_at_the_earliest_until_its_delivery_has_set_the_clock() -> None:
    before = render_mail("notice", "en", facts())
    after = render_mail("notice_amended", "en", facts(clock_started=True))

    assert (
        "begins with the delivery of this mail, so it ends at the earliest on Tuesday, 29 December 2026, 24:00"
        in before.text
    )
    assert "You can object until Tuesday, 29 December 2026, 24:00 (Europe/Berlin)." in after.text


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

    notification = render_mail(kind, "en", facts(**written))

    assert "Buy now!" not in said(notification) + notification.html


@pytest.mark.parametrize("code", LANGUAGES)
@pytest.mark.parametrize("kind", ["customer_opted_out", "customer_agreed"])
def test_the_receipt_of_an_act_says_how_and_until_when_to_undo_it(kind: str, code: str) -> None:
    notification = render_mail(kind, code, facts())

    assert (
        translate(code, f"mail.{kind}.undo", undo_until=format_moment(code, DUE, "Europe/Berlin"))
        in notification.text
    )
    assert translate(code, "mail.by.claim") in notification.text
    assert translate(code, "mail.not_you", support_url=SUPPORT) in notification.text


def test_what_is_not_known_and_need_not_be_is_left_out() -> None:
    notification = render_mail(
        "customer_opted_out", "en", facts(undo_until=None, answered_with="", support_url="")
    )

    assert "undo" not in notification.text
    assert "The answer was given" not in notification.text


@pytest.mark.parametrize("code", LANGUAGES)
def test_reason_codes_become_whole_sentences(code: str) -> None:
    notification = render_mail("rejected", code, facts())

    assert translate(code, "review_code.poe_date_missing") in notification.text
    assert translate(code, "reason.lost_arbitration") in notification.text
    assert translate(code, "finding.subscription_is_csp.detail") in notification.text
    assert "poe_date_missing" not in notification.text


def test_a_code_that_this_version_does_not_know_is_shown_as_it_is() -> None:
    assert (
        "- a_code_of_tomorrow"
        in render_mail("rejected", "de", facts(codes=("a_code_of_tomorrow",))).text
    )


def test_a_reviewers_message_is_quoted_line_by_line() -> None:
    notification = render_mail(
        "info_requested", "en", facts(message="One\r\n\r\n-- \r\nPartner Programme")
    )

    assert "> One\n> \n> --\n> Partner Programme\n" in notification.text


def test_the_grounds_of_an_arbitration_are_told_with_their_names() -> None:
    notification = render_mail("arbitration_decided", "de", facts())

    assert "Was der Nachweis abdeckt:\n> All of it" in notification.text


def test_a_decision_that_cannot_be_disputed_does_not_say_that_it_can() -> None:
    assert "dispute" in render_mail("rejected", "en", facts()).text
    assert "dispute" not in render_mail("rejected", "en", facts(until=None)).text


@pytest.mark.parametrize(("kind", "code"), KINDS)
def test_hostile_names_and_words_stay_text(kind: str, code: str) -> None:
    wild = facts(
        partner=HOSTILE,
        tenant=HOSTILE,
        message=HOSTILE,
        address=HOSTILE,
        external_reference=HOSTILE,
        programme=HOSTILE,
        claim_id=HOSTILE,
        codes=(HOSTILE,),
        grounds={"coverage": HOSTILE},
        items=(NotificationItem(name=HOSTILE, partner_role="use_or_consume"),),
    )

    notification = render_mail(kind, code, wild)

    assert not re.search(r"[\x00-\x1f\x7f\u2028\u202e]", notification.subject)
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f\u2028\u202e]", notification.text)
    assert not re.search(r"^(Bcc|bcc):", notification.text, re.MULTILINE)
    assert "49" not in said(notification)
    page = Text(notification.html)
    assert "script" not in page.elements
    assert not any(name.startswith("on") for name in page.attributes)


def test_values_are_not_read_as_placeholders() -> None:
    notification = render_mail("notice", "en", facts(partner="{due} {tenant.__class__} %s {{7*7}}"))

    assert "{due} {tenant.__class__} %s {{7*7}} has asked Partner Programme" in notification.text
    assert "{due} {tenant.__class__} %s {{7*7}} has asked Partner Programme" in notification.html


def test_a_long_name_is_cut() -> None:
    assert len(render_mail("notice", "en", facts(partner="N" * 5000)).subject) < 200


def test_the_hash_tells_one_wording_from_another_and_not_one_reader_from_another() -> None:
    notice = render_mail("notice", "en", facts())
    same = render_mail(
        "notice", "en", facts(partner="Tailspin Toys", due_at=datetime(2027, 1, 5, 23, tzinfo=UTC))
    )

    assert notice.template_version == "notice-1"
    assert re.fullmatch("[0-9a-f]{64}", notice.template_hash)
    assert notice.template_hash == same.template_hash
    assert len({hash_template(kind, code) for kind, code in KINDS}) == len(KINDS)


def test_an_unknown_kind_raises() -> None:
    with pytest.raises(KeyError, match="love_letter"):
        render_mail("love_letter", "en", facts())


def test_every_subject_is_made_of_facts_that_its_letter_needs_anyway() -> None:
    known_to_all = {"partner", "tenant", "claim_id", "clock", "ends_on"}
    for kind, plan in PLANS.items():
        if list_placeholders(f"mail.{kind}.subject") - known_to_all:
            assert "until" in plan or kind in TO_PROGRAMME


def test_partners_read_which_claim_it_is_and_customers_do_not() -> None:
    for kind in TO_PARTNER:
        assert "CRM-77" in render_mail(kind, "en", facts()).text
    for kind in TO_CUSTOMER:
        assert "CRM-77" not in render_mail(kind, "en", facts()).text
