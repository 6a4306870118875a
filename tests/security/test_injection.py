"""What others wrote stays text in mails, pages and cells."""

import csv
import io
from datetime import UTC, datetime
from email import message_from_bytes, policy

import pytest
from pydantic import TypeAdapter, ValidationError

from chalicelib.aws.ses import make_message, to_ascii
from chalicelib.domain.text_types import MailAddress, is_mail_domain
from chalicelib.net.domain_names import normalize_domain
from chalicelib.ports import Mail
from chalicelib.runtime.settings import Settings
from chalicelib.text import spreadsheets
from chalicelib.text.cleaning import clean_line
from chalicelib.text.mail_facts import NotificationFacts, NotificationItem
from chalicelib.text.mail_layouts import PLANS
from chalicelib.text.mail_renderer import render_mail
from chalicelib.web.pages import page_renderer
from chalicelib.web.pages.customer_views import (
    ClaimView,
    CoolingView,
    CustomerView,
    JournalEntry,
    JournalView,
    PartnerView,
)
from chalicelib.web.pages.problems import render_problem
from chalicelib.web.pages.shell.layout import Frame
from tests.security.skeleton import HEADERS, skeleton
from tests.security.strings import STRINGS

pytestmark = pytest.mark.xdist_group("injection")
AT = datetime(2026, 11, 20, 12, tzinfo=UTC)
FRAME = Frame(Settings(stage="prod"), language="en", address="/o/x", title="", now=AT)
ADDRESS = TypeAdapter(MailAddress)
LIVE = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")


def facts(text):
    return NotificationFacts(
        programme="Programme",
        name=text,
        partner=text,
        tenant=text,
        items=(NotificationItem(name=text, partner_role="usage_recognition"),),
        link="https://x.example/o/x",
        scope="tenant",
        reference="mai_x",
        verify_url="https://x.example/verify-mail",
        support_url="https://support.example/",
        due_at=AT,
        undo_until=AT,
        until=AT,
        ends_on=AT.date(),
        codes=(text,),
        message=text,
        grounds={"coverage": text},
        answered_with="tenant",
        address=text,
        clock="review",
        claim_id="clm_x",
        external_reference=text,
    )


def test_every_mail_of_every_string_has_its_own_headers_and_elements_only():
    live = []
    for kind in sorted(PLANS):
        plain = skeleton(render_mail(kind, "en", facts("Adler")).html, breaks=False)
        for text in STRINGS[:: 1 if kind in ("notice", "rejected") else 25]:
            said = render_mail(kind, "en", facts(text if clean_line(text) else "x"))
            mail = Mail(
                id="mai_x",
                to="v@x.example",
                subject=said.subject,
                text=said.text,
                html=said.html,
                kind=kind,
                language="en",
            )
            read = message_from_bytes(
                make_message(mail, "s@x.example").as_bytes(), policy=policy.default
            )
            bodies = [part.get_content_type() for part in read.walk()]
            headers = list(read)
            shape = skeleton(said.html, breaks=False)
            if (
                headers != HEADERS
                or read["To"] != "v@x.example"
                or bodies != ["multipart/alternative", "text/plain", "text/html"]
            ):
                live.append((kind, text, headers))
            if (
                "\n" in str(read["Subject"])
                or "evil.invalid" in str(read["To"])
                or any(ord(c) < 32 and c != "\n" for c in said.text + said.subject)
            ):
                live.append((kind, text, "control"))
            if shape != plain and [one for one in shape if one not in plain]:
                live.append((kind, text, "elements"))

    assert live == []


def test_every_address_that_is_taken_makes_one_recipient():
    live, taken = [], 0
    for text in (
        *STRINGS,
        *(f"{s}@x.example" for s in STRINGS),
        *(f"v@{s}.example" for s in STRINGS),
        "v@b\u00fccher.example",
    ):
        try:
            address = ADDRESS.validate_python(text)
        except ValidationError:
            continue
        domain = normalize_domain(address.rpartition("@")[2])
        if not (domain.isascii() and is_mail_domain(domain)):  # the checks refuse these
            continue
        taken += 1
        read = message_from_bytes(
            make_message(
                Mail(id="m", to=address, subject="s", text="t", html="h", kind="k", language="en"),
                "s@x.example",
            ).as_bytes(),
            policy=policy.default,
        )
        if (
            list(read) != HEADERS
            or len(read["To"].addresses) != 1
            or read["Bcc"]
            or read["To"].addresses[0].addr_spec != to_ascii(address)
        ):
            live.append((text, str(read["To"])))

    assert live == []
    assert taken > 50


def test_every_page_of_every_string_has_its_own_elements_only():
    def render_with(text):
        claim = ClaimView(
            claim_id="clm_x",
            organisation_id="org",
            partner=text,
            item=text,
            partner_role="usage_recognition",
            status="submitted",
            answer="open",
            asked_at=AT,
            due_at=AT,
            undo_until=AT,
            may=("opt_out", "agree", "undo"),
        )
        partner = PartnerView(
            organisation_id="org",
            name=text,
            blocked=True,
            cooling=(CoolingView(item=text, until=AT),),
        )
        view = CustomerView(
            tenant=text, scope="tenant", form="f", claims=(claim,), partners=(partner,)
        )
        problem = {
            "status": 422,
            "title": "t",
            "detail": text,
            "errors": [{"detail": text, "hint": text}],
            "request_id": "r",
        }
        return [
            page_renderer.render_customer_page(FRAME, view),
            page_renderer.render_journal_page(
                FRAME,
                JournalView(
                    tenant=text, entries=(JournalEntry(at=AT, who=text, act="check", item=text),)
                ),
            ),
            page_renderer.render_verify_page(FRAME, False, text),
            render_problem(problem, "en"),
        ]

    plain = [skeleton(page) for page in render_with("Adler")]

    live = [
        (text, number)
        for text in STRINGS
        for number, page in enumerate(render_with(text))
        if [one for one in skeleton(page) if one not in plain[number]]
    ]

    assert live == []


def test_every_cell_of_every_string_is_text_and_comes_back():
    file = io.StringIO(newline="")
    spreadsheets.write_csv(
        file, ["name", "next"], [{"name": text, "next": "kept"} for text in STRINGS]
    )
    file.seek(0)
    rows = list(csv.reader(file))

    assert len(rows) == len(STRINGS) + 1
    assert [row for row in rows if len(row) != 2] == []
    assert [
        row[0] for row in rows if row[0].lstrip(" \u200b\u00a0\u3000\ufeff").startswith(LIVE)
    ] == []
