"""The pages for customers: everything they must know, two steps to answer, and nothing that runs or
leads away.
"""

import re
from datetime import UTC, datetime
from html.parser import HTMLParser
from itertools import product
from typing import Any

import pytest

from chalicelib.text.i18n import LANGUAGES, format_moment, translate
from chalicelib.web.http.response_builder import PAGE_HEADERS
from chalicelib.web.pages import page_renderer
from chalicelib.web.pages.assets import STATIC
from chalicelib.web.pages.customer_views import (
    ClaimView,
    CoolingView,
    CustomerView,
    Frame,
    JournalEntry,
    JournalView,
    MailView,
    PartnerView,
)

DUE = datetime(2026, 12, 29, 23, tzinfo=UTC)
HOSTILE = (
    'Evil\r\n"><script>alert(1)</script><img src=x onerror=alert(2)> {{7*7}} %s {x} \u202egnp.exe'
)
MACHINES = {
    "asked": {"status": "submitted", "answer": "notice_queued", "earliest": DUE},
    "open": {"status": "submitted", "answer": "open", "due_at": DUE},
    "agreed": {
        "status": "under_review",
        "answer": "agreed",
        "may": ("opt_out", "undo"),
        "undo_until": DUE,
    },
    "opted_out": {"status": "rejected", "answer": "opted_out", "may": ("undo",), "undo_until": DUE},
    "not_objected": {
        "status": "approved",
        "answer": "not_objected",
        "association": "pending",
        "may": ("opt_out",),
    },
    "active": {
        "status": "approved",
        "answer": "not_objected",
        "association": "grace",
        "may": ("opt_out",),
    },
    "paused": {
        "status": "approved",
        "answer": "agreed",
        "association": "paused",
        "may": ("opt_out",),
    },
    "ended": {"status": "ended", "answer": "not_objected", "association": "ended", "may": ()},
    "rejected": {"status": "rejected", "answer": "void", "may": ()},
    "withdrawn": {"status": "withdrawn", "answer": "void", "may": ()},
    "expired": {"status": "expired", "answer": "void", "may": ()},
}


def frame(**changes: Any) -> Frame:
    return Frame.model_validate(
        {
            "language": "en",
            "programme": "Partner Programme",
            "path": "/o/t0ken",
            "support_url": "https://support.example/",
            **changes,
        }
    )


def claim(state: str = "open", **changes: Any) -> ClaimView:
    return ClaimView.model_validate(
        {
            "claim_id": "clm_1",
            "organisation_id": "org-1",
            "partner": "Northwind Traders",
            "item": "Dynamics 365 Sales",
            "partner_role": "usage_recognition",
            "edition": "2024",
            "asked_at": DUE,
            "zone": "Europe/Berlin",
            "calendar": "DE-BY",
            "may": ("opt_out", "agree"),
            **MACHINES[state],
            **changes,
        }
    )


def view(*claims: ClaimView, **changes: Any) -> CustomerView:
    return CustomerView.model_validate(
        {"tenant": "Fabrikam AG", "scope": "claim", "form": "f0rm", "claims": claims, **changes}
    )


def tenant_view(*claims: ClaimView, **changes: Any) -> CustomerView:
    partners = (PartnerView(organisation_id="org-1", name="Northwind Traders"),)
    return view(*claims, **{"scope": "tenant", "partners": partners, **changes})


class Seen(HTMLParser):
    """What a browser makes of a page: its elements with their attributes, its forms, its text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.forms: list[tuple[str, list[dict[str, str | None]]]] = []
        self.text = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = dict(attrs)
        self.elements.append((tag, attributes))
        if tag == "form":
            self.forms.append((attributes["action"] or "", []))
        elif self.forms and tag in {"input", "select", "textarea", "button"}:
            self.forms[-1][1].append(attributes | {"element": tag})

    def handle_data(self, data: str) -> None:
        self.text += data

    def values(self, name: str) -> list[str | None]:
        return [
            field.get("value")
            for _, fields in self.forms
            for field in fields
            if field.get("name") == name
        ]


def every_page(language: str, name: str = "Northwind Traders") -> dict[str, str]:
    shown = frame(language=language)
    entries = (
        JournalEntry(at=DUE, who=name, act="verify", item=name),
        JournalEntry(at=DUE, who=name, act="new_in_2030"),
    )
    problem = {
        "status": 422,
        "title": name,
        "detail": name,
        "errors": [{"detail": name, "hint": name}],
        "request_id": name,
    }
    mail = MailView(
        id="box_1",
        to=name,
        subject=name,
        kind="notice",
        text=f"{name}\nhttps://cpor.example/o/x",
        at=DUE,
        links=("https://cpor.example/o/x",),
    )
    made = {
        f"{scope} {state}": page_renderer.render_customer_page(
            shown, view(claim(state, partner=name, item=name), scope=scope, tenant=name)
        )
        for state, scope in product(MACHINES, ("claim", "tenant"))
    }
    return made | {
        "several": page_renderer.render_customer_page(
            shown,
            tenant_view(
                claim(partner=name),
                claim("active", claim_id="clm_2", organisation_id="org-2"),
                partners=(
                    PartnerView(
                        organisation_id="org-1",
                        name=name,
                        blocked=True,
                        cooling=(CoolingView(item=name, until=DUE),),
                    ),
                ),
            ),
        ),
        "journal": page_renderer.render_journal_page(
            shown, JournalView(tenant=name, entries=entries, older="?before=x")
        ),
        "missing": page_renderer.render_missing_page(shown),
        "error": page_renderer.render_error_page(shown, problem),
        "verify": page_renderer.render_verify_page(shown, False, name),
        "mailbox": page_renderer.render_mailbox_page(shown, [mail], None, now="now"),
        "mail": page_renderer.render_mailbox_page(shown, [mail], mail),
    }


@pytest.mark.parametrize("state", MACHINES)
def test_the_codes_of_the_machines_become_one_state_in_the_customers_words(state: str) -> None:
    assert claim(state).state == state


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_page_says_its_language_and_offers_the_others(language: str) -> None:
    for name, html in every_page(language).items():
        assert f'<html lang="{language}">' in html
        offered = [
            a["hreflang"] for tag, a in Seen(html).elements if tag == "a" and "hreflang" in a
        ]
        assert offered == ([] if name in {"error", "mailbox", "mail"} else list(LANGUAGES))


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_page_runs_anything_or_loads_anything_from_elsewhere(language: str) -> None:
    for html in every_page(language).values():
        for tag, attributes in Seen(html).elements:
            assert tag not in {"script", "iframe", "object", "embed", "style", "img", "base"}
            assert not any(name.startswith("on") or name == "style" for name in attributes)
            assert attributes.get("href") == "/static/cpor.css" if tag == "link" else True
            assert (attributes.get("action") or "/").startswith("/")


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_strangers_wrote_stays_text(language: str) -> None:
    for html in every_page(language, HOSTILE).values():
        seen = Seen(html)
        assert {"script", "img"}.isdisjoint(tag for tag, _ in seen.elements)
        assert "\u202e" not in html and "49" not in seen.text
        assert "{{7*7}} %s {x}" in seen.text or HOSTILE[:4] not in seen.text


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_says_everything_that_the_customer_must_know(language: str) -> None:
    seen = Seen(page_renderer.render_customer_page(frame(language=language), view(claim())))

    due = format_moment(language, DUE, "Europe/Berlin")
    for wanted in (
        "Northwind Traders",
        "Fabrikam AG",
        "Dynamics 365 Sales",
        due,
        translate(language, "page.no_action"),
    ):
        assert wanted in seen.text
    keys = (
        "sees.yes",
        "sees.no",
        "sees.for",
        "why.recognise",
        "why.understand",
        "why.improve",
        "after.effect",
        "silence.anytime",
        "state.open",
        "footer.reading",
    )
    for key in keys:
        assert translate(language, f"page.{key}") in seen.text
    assert translate(language, "page.silence.until", due=due) in seen.text
    assert translate(language, "partner_role.usage_recognition.name.2024") in seen.text


def test_before_delivery_the_page_says_until_when_at_least() -> None:
    seen = Seen(page_renderer.render_customer_page(frame(), view(claim("asked"))))

    assert "You can object at least until" in seen.text
    assert "Tuesday, 29 December 2026, 24:00 (Europe/Berlin)" in seen.text


@pytest.mark.parametrize(
    "answer, said",
    [("open", "You can object until"), ("notice_queued", "You can object at least until")],
)
def test_a_pause_does_not_hide_until_when_one_can_object(answer: str, said: str) -> None:
    paused = claim("open", status="approved", answer=answer, association="paused", earliest=DUE)

    seen = Seen(page_renderer.render_customer_page(frame(), view(paused)))

    for wanted in (
        said,
        "Tuesday, 29 December 2026, 24:00 (Europe/Berlin)",
        "Association is paused",
        translate("en", "page.no_action"),
    ):
        assert wanted in seen.text


def test_an_answer_takes_a_choice_and_a_confirmation() -> None:
    seen = Seen(page_renderer.render_customer_page(frame(), view(claim())))

    ((action, fields),) = seen.forms
    radios = [field for field in fields if field.get("type") == "radio"]
    assert action == "/o/t0ken?lang=en"
    assert [radio["value"] for radio in radios] == ["opt_out", "agree"]
    assert all("required" in radio and "checked" not in radio for radio in radios)
    assert {field.get("name") for field in fields} == {
        "form",
        "claim",
        "decision",
        "reason",
        "comment",
        None,
    }
    assert seen.values("form") == ["f0rm"] and seen.values("claim") == ["clm_1"]
    assert [field["element"] for field in fields if field["element"] == "button"] == ["button"]
    assert not any(field.get("name") for field in fields if field["element"] == "button")


def test_every_field_has_a_label() -> None:
    for html in every_page("en").values():
        seen = Seen(html)
        labelled = {attributes.get("for") for tag, attributes in seen.elements if tag == "label"}
        ids = [attributes["id"] for _, attributes in seen.elements if "id" in attributes]
        assert len(ids) == len(set(ids))
        for _, fields in seen.forms:
            assert all(
                field.get("id") in labelled
                for field in fields
                if field["element"] != "button" and field.get("type") != "hidden"
            )


def test_after_an_objection_only_undoing_is_offered_and_until_when() -> None:
    seen = Seen(page_renderer.render_customer_page(frame(), view(claim("opted_out"))))

    assert seen.values("decision") == ["undo"]
    assert "You can undo this until" in seen.text
    assert translate("en", "page.no_action") not in seen.text


def test_what_has_ended_offers_no_form() -> None:
    for state in ("ended", "rejected", "withdrawn", "expired"):
        assert Seen(page_renderer.render_customer_page(frame(), view(claim(state)))).forms == []


def test_several_claims_can_be_answered_one_by_one_or_all_at_once() -> None:
    seen = Seen(
        page_renderer.render_customer_page(
            frame(),
            view(claim(), claim("asked", claim_id="clm_2"), claim("opted_out", claim_id="clm_3")),
        )
    )

    assert seen.values("claim") == ["clm_1", "clm_2", "clm_3", "all"]
    assert [f["value"] for f in seen.forms[-1][1] if f.get("name") == "decision"] == [
        "opt_out",
        "agree",
    ]


def test_a_claim_link_shows_nothing_that_only_a_tenant_link_may_do() -> None:
    html = page_renderer.render_customer_page(
        frame(), view(claim(), partners=(PartnerView(organisation_id="org-1", name="Northwind"),))
    )

    assert not re.search("/(lock|unlock|block|allow-again|journal)", html)
    assert translate("en", "page.choice.agree_claim") in Seen(html).text
    assert translate("en", "page.scope_claim", partner="Northwind Traders") in Seen(html).text


def test_a_tenant_link_can_lock_and_block_in_two_steps_each() -> None:
    seen = Seen(page_renderer.render_customer_page(frame(), tenant_view(claim())))

    actions = dict(seen.forms)
    assert list(actions) == ["/o/t0ken?lang=en", "/o/t0ken/lock?lang=en", "/o/t0ken/block?lang=en"]
    for step in ("lock", "block"):
        fields = actions[f"/o/t0ken/{step}?lang=en"]
        assert any(
            f.get("type") == "checkbox"
            and f["name"] == "confirm"
            and "required" in f
            and "checked" not in f
            for f in fields
        )
        assert any(f.get("name") == "form" and f.get("value") == "f0rm" for f in fields)
    assert seen.values("organisation_id") == ["org-1"]
    assert translate("en", "page.choice.agree") in seen.text


def test_a_locked_tenant_can_be_unlocked_and_a_blocked_partner_allowed_again() -> None:
    blocked = PartnerView(
        organisation_id="org-9",
        name="Contoso",
        blocked=True,
        cooling=(CoolingView(item="Teams", until=DUE),),
    )

    seen = Seen(
        page_renderer.render_customer_page(
            frame(), tenant_view(claim(), partners=(blocked,), locked=True, zone="Europe/Berlin")
        )
    )

    assert [action for action, _ in seen.forms[1:]] == [
        "/o/t0ken/unlock?lang=en",
        "/o/t0ken/allow-again?lang=en",
    ]
    assert "for Teams until Tuesday, 29 December 2026, 24:00 (Europe/Berlin)" in seen.text


def test_a_tenant_nobody_claims_still_can_be_locked() -> None:
    seen = Seen(page_renderer.render_customer_page(frame(), tenant_view(partners=())))

    assert "Nobody asks to be partner of record for Fabrikam AG" in seen.text
    assert [action for action, _ in seen.forms] == ["/o/t0ken/lock?lang=en"]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    "done", ["opt_out", "agree", "undo", "lock", "unlock", "block", "allow_again"]
)
def test_what_was_just_done_is_said_at_the_top(done: str, language: str) -> None:
    html = page_renderer.render_customer_page(
        frame(language=language), tenant_view(claim(), done=done)
    )

    assert translate(language, f"page.done.{done}") in html
    assert 'role="status"' in html


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    "problem",
    ["choice_missing", "form_expired", "already_answered", "too_late", "link_scope", "cross_site"],
)
def test_a_problem_is_said_at_the_top(problem: str, language: str) -> None:
    html = page_renderer.render_customer_page(
        frame(language=language), view(claim(), problem=problem)
    )

    assert translate(language, f"refusal.{problem}.title") in Seen(html).text
    assert 'role="alert"' in html


def test_what_is_not_found_looks_the_same_whatever_it_was() -> None:
    missing = page_renderer.render_missing_page(frame())
    problems = [
        {"status": 404, "code": code, "title": code, "detail": code, "request_id": code}
        for code in ("not_found", "link_unknown")
    ]

    assert [page_renderer.render_error_page(frame(), problem) for problem in problems] == [
        missing,
        missing,
    ]


def test_an_error_says_what_is_wrong_and_under_which_number_to_ask() -> None:
    problem = {
        "status": 422,
        "title": "T",
        "detail": "D",
        "errors": [{"detail": "What", "hint": "Do"}],
        "request_id": "req-7",
    }

    seen = Seen(page_renderer.render_error_page(frame(), problem))

    assert "What Do" in seen.text and "req-7" in seen.text


def test_whether_a_mail_is_genuine_is_said_in_words() -> None:
    assert "Genuine: we sent" not in Seen(page_renderer.render_verify_page(frame())).text
    assert "Genuine: we sent" in Seen(page_renderer.render_verify_page(frame(), True, "mai_1")).text
    assert "Not genuine" in Seen(page_renderer.render_verify_page(frame(), False, "mai_1")).text


def test_the_journal_names_who_did_what_and_leads_back() -> None:
    seen = Seen(every_page("de")["journal"])

    assert "Northwind Traders: Hat ein Abonnement abgefragt" in seen.text
    assert "Anderer Zugriff" in seen.text
    assert {"/o/t0ken?lang=de", "?before=x"} <= {
        a.get("href") for tag, a in seen.elements if tag == "a"
    }


def test_only_links_that_we_put_into_a_mail_can_be_clicked_in_the_mailbox() -> None:
    ours, foreign, wild = "https://cpor.example/o/x", "https://evil.example/", "javascript:alert(1)"
    mail = MailView(
        id="box_1",
        to="a@b.example",
        subject="S",
        kind="notice",
        text=f"{ours}\n{foreign}\n{wild}",
        at=DUE,
        links=(ours, wild),
    )

    seen = Seen(page_renderer.render_mailbox_page(frame(path="/sandbox/mailbox"), [mail], mail))

    hrefs = {a.get("href") for tag, a in seen.elements if tag == "a"}
    assert ours in hrefs and hrefs.isdisjoint({foreign, wild})
    assert seen.forms[0][0] == "/sandbox/mailbox/box_1"
    assert seen.values("type") == ["delivery", "bounce", "complaint"]


def test_a_stage_with_a_prefix_keeps_it_in_every_address() -> None:
    shown = frame(base="https://x.example/api", support_url="")

    seen = Seen(page_renderer.render_customer_page(shown, tenant_view(claim())))

    addresses = [
        a.get("href") or a.get("action") or ""
        for tag, a in seen.elements
        if tag in {"a", "form", "link"}
    ]
    assert all(one.startswith(("https://x.example/api/", "?lang=", "#")) for one in addresses)


def test_the_headers_forbid_scripts_frames_caches_and_referrers() -> None:
    policy = PAGE_HEADERS["Content-Security-Policy"]

    assert policy.startswith("default-src 'none'; style-src 'self'")
    assert (
        "frame-ancestors 'none'" in policy
        and "base-uri 'none'" in policy
        and "form-action 'self'" in policy
    )
    assert "unsafe" not in policy and "script-src" not in policy
    assert PAGE_HEADERS["Cache-Control"] == "no-store"
    assert PAGE_HEADERS["Referrer-Policy"] == "no-referrer"
    assert PAGE_HEADERS["X-Robots-Tag"] == "noindex"
    assert PAGE_HEADERS["X-Content-Type-Options"] == "nosniff"
    assert "max-age" in PAGE_HEADERS["Strict-Transport-Security"]


def test_the_stylesheet_is_small_and_loads_nothing() -> None:
    text = (STATIC / "cpor.css").read_text(encoding="utf-8")

    assert len(text.encode()) <= 12_000
    assert "url(" not in text and "@import" not in text
    assert "prefers-color-scheme: dark" in text
