"""Five hundred strings through every field that takes text: into answers, problems, logs, letters,
pages and sheets. What comes out is text, and nothing lives.
"""

import csv
import io
import json
from datetime import UTC, datetime
from email import message_from_bytes, policy
from html.parser import HTMLParser

import pytest
from pydantic import TypeAdapter, ValidationError

from chalicelib.aws.ses import message, plain
from chalicelib.domain.checks.contacts import NAME
from chalicelib.domain.filing import MailAddress
from chalicelib.net.domain_names import normalize_domain
from chalicelib.ports import Mail
from chalicelib.text import spreadsheets
from chalicelib.text.mail_layouts import PLANS
from chalicelib.text.mail_renderer import NotificationFacts, NotificationItem, render_mail
from chalicelib.text.templates import clean_line
from chalicelib.web.pages import page_renderer
from chalicelib.web.pages.customer_views import (
    ClaimView,
    CoolingView,
    CustomerView,
    Frame,
    JournalEntry,
    JournalView,
    PartnerView,
)
from tests.security.strings import STRINGS
from tests.security.test_access import state

pytestmark = pytest.mark.xdist_group("injection")

AT = datetime(2026, 11, 20, 12, tzinfo=UTC)
FRAME = Frame(
    language="en", programme="Programme", path="/o/x", support_url="https://support.example/"
)
HEADERS = [
    "From",
    "To",
    "Subject",
    "Auto-Submitted",
    "X-Reference",
    "MIME-Version",
    "Content-Type",
    "Content-Language",
]
ADDRESS = TypeAdapter(MailAddress)
LIVE = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")


class Skeleton(HTMLParser):
    """Elements and attributes of a page without its text: what a browser would act on."""

    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.found = []

    def handle_starttag(self, tag, attrs):
        fixed = {
            "value",
            "id",
            "for",
            "aria-label",
            "lang",
            "content",
        }  # they may quote what people wrote
        self.found.append(
            (tag, tuple((name, "" if name in fixed else value) for name, value in attrs))
        )

    def handle_endtag(self, tag):
        self.found.append(("/" + tag, ()))

    def handle_comment(self, data):
        self.found.append(("comment", data))

    def handle_decl(self, decl):
        self.found.append(("decl", decl))

    handle_pi = unknown_decl = handle_decl


def skeleton(html, breaks=True):
    parser = Skeleton()
    parser.feed(html)
    parser.close()
    return parser.found if breaks else [one for one in parser.found if one[0] != "br"]


def facts(text):
    return NotificationFacts(
        programme="Programme",
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


def test_every_letter_of_every_string_is_one_mail_with_its_own_headers_and_elements():
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
                message(mail, "s@x.example").as_bytes(), policy=policy.default
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
        if not NAME.fullmatch(
            normalize_domain(address.rpartition("@")[2])
        ):  # the checks refuse what no mail can go to
            continue
        taken += 1
        read = message_from_bytes(
            message(
                Mail(id="m", to=address, subject="s", text="t", html="h", kind="k", language="en"),
                "s@x.example",
            ).as_bytes(),
            policy=policy.default,
        )
        if (
            list(read) != HEADERS
            or len(read["To"].addresses) != 1
            or read["Bcc"]
            or read["To"].addresses[0].addr_spec != plain(address)
        ):
            live.append((text, str(read["To"])))

    assert live == []
    assert taken > 50


def test_every_page_of_every_string_has_its_own_elements_only():
    def shown(text):
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
            page_renderer.render_error_page(FRAME, problem),
        ]

    plain = [skeleton(page) for page in shown("Adler")]

    live = [
        (text, number)
        for text in STRINGS
        for number, page in enumerate(shown(text))
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


FIELDS = ("name", "external_reference", "comment", "domain", "location_id", "partner_role")
PEOPLE = ("name", "title", "email")


def test_every_field_takes_every_string_as_text_or_refuses_it(fixtures, capsys):
    customer, service, wrong = fixtures.customer, fixtures.service, []
    by, filing = customer.by(3), customer.filing(3, submit=False)
    capsys.readouterr()
    for number, text in enumerate(STRINGS):
        field, person = FIELDS[number % len(FIELDS)], PEOPLE[number % len(PEOPLE)]
        body = {
            **filing,
            field: text,
            "customer_contact": {**filing["customer_contact"], person: text},
        }
        replies = [
            service.call(
                "POST",
                "/v1/claims/check",
                body,
                by=by,
                headers={
                    "Accept-Language": text.encode("ascii", "ignore")
                    .decode()
                    .replace("\n", "")[:40]
                },
            ),
            service.call(
                "POST",
                f"/v1/claims/{fixtures.ids['draft']}/comments",
                {"text": text},
                by=customer.by(1),
            ),
            service.call(
                "POST",
                f"/v1/claims/{fixtures.ids['open']}/withdraw",
                {"reason": text},
                by=customer.by(1),
                match='"999"',
            ),
            service.call(
                "POST",
                "/v1/evidence",
                {"file_name": text, "content_type": text, "size": 1, "sha256": "0" * 64},
                by=by,
            ),
            service.call(
                "GET",
                "/v1/claims",
                by=by,
                headers={"X-Request-Id": text.encode("ascii", "ignore").decode()},
            ),
        ]
        if number % 40 == 39:  # the hourly limits are for partners, not for this
            service.advance("P1D")
        wrong += [
            (text, reply.status, reply.text[:200])
            for reply in replies
            if reply.status not in (200, 201, 400, 412, 422, 429)
        ]
        wrong += [
            (text, value)
            for reply in replies
            for name, value in reply.headers.items()
            if not value.isprintable()
        ]
        if replies[1].status == 201 and replies[1].json["text"] != text:
            wrong.append((text, "changed"))
    printed = capsys.readouterr().out.splitlines()

    assert wrong == []
    lines = [
        line for line in map(json.loads, printed) if "route" in line
    ]  # the others are measurements
    assert {line["level"] for line in lines} == {"info"}
    assert len([line for line in lines if line["route"] == "/v1/claims/check"]) == len(STRINGS)
    assert not [line for line in printed if "evil.invalid" in line]


def test_every_form_of_the_customer_takes_every_string_as_text_or_refuses_it(fixtures):
    path, before = fixtures.links["claim"], None
    form = fixtures.customer.form(path)
    before = state(fixtures)

    statuses = {
        fixtures.service.call(
            "POST",
            path,
            form={
                "decision": "opt_out",
                "claim": text or "x",
                "form": form,
                "reason": text,
                "comment": text,
            },
        ).status
        for text in STRINGS[::3]
    }
    verified = {
        fixtures.service.call("POST", "/verify-mail", form={"reference": text}).status
        for text in STRINGS[::3]
    }

    assert statuses <= {404, 422}
    assert verified <= {200, 422}
    assert {k: v for k, v in state(fixtures).items() if not k.startswith("CLOCK")} == {
        k: v for k, v in before.items() if not k.startswith("CLOCK")
    }


@pytest.mark.parametrize(
    "text",
    [
        "x\r\nBcc: v@evil.invalid",
        "<script>alert(1)</script>{{7*7}}",
        "\u202egpj.exe\u2028",
        "=cmd|'/c calc'!A0",
    ],
)
def test_a_feed_may_call_a_partner_what_it_likes(fixtures, text):
    from tests.support import feed

    customer = fixtures.service.customer()
    partner = feed.a_partner(customer.partner(1), "4500001").evolve(name=text)
    feed.write(fixtures.service.rows, [partner])
    claim = customer.file(
        1, name=text.replace("\r\n", " ").replace("\u202e", "").replace("\u2028", "")
    )

    mails = fixtures.service.mails(claim["id"])
    page = fixtures.service.call("GET", fixtures.service.link(claim["id"], customer.admin)).text

    assert mails
    for mail in mails:
        made = Mail(
            id="m",
            to=mail["to"][0],
            subject=mail["subject"],
            text=mail["text"],
            html=mail["html"],
            kind="k",
            language="en",
        )
        assert (
            list(message_from_bytes(message(made, "s@x.example").as_bytes(), policy=policy.default))
            == HEADERS
        )
    for html in (page, *(mail["html"] for mail in mails)):
        tags = {tag for tag, _ in skeleton(html)}
        assert (
            "script" not in tags
            and "\u202e" not in html
            and "49" not in html.split("{{7*7}}")[0][-2:]
        )


def test_a_problem_does_not_repeat_more_than_names(fixtures):
    reply = request_of(fixtures, {"<script>" * 50: 1, "x\u2028y": 2})

    assert reply.status == 422
    assert all(len(error["pointer"]) <= 130 for error in reply.json["errors"])


def request_of(fixtures, body):
    return fixtures.service.call("POST", "/v1/claims/check", body, by=fixtures.customer.by(3))
