"""Every field of every request takes hostile strings as text, or refuses them."""

import json
from email import message_from_bytes, policy

import pytest

from chalicelib.aws.ses import make_message
from chalicelib.ports import Mail
from tests.security.exchanges import state
from tests.security.skeleton import HEADERS, skeleton
from tests.security.strings import STRINGS

pytestmark = pytest.mark.xdist_group("injection")
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
        fixtures.service.call(
            "POST", "/verify-mail", form={"reference": text, "address": text}
        ).status
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
            list(
                message_from_bytes(
                    make_message(made, "s@x.example").as_bytes(), policy=policy.default
                )
            )
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
