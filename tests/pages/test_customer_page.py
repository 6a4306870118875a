"""The pages for customers: everything they must know, two steps to answer, and nothing that runs or
leads away.
"""

import re

import pytest

from chalicelib.text.i18n import LANGUAGES, format_moment, translate
from chalicelib.web.pages import page_renderer
from chalicelib.web.pages.customer_views import (
    ClaimView,
    CoolingView,
    PartnerView,
)
from tests.pages.views import DUE, MACHINES, Seen, claim, every_page, frame, tenant_view, view
from tests.support.html_checks import find_faults


@pytest.mark.parametrize("state", MACHINES)
def test_the_codes_of_the_machines_become_one_state_in_the_customers_words(state: str) -> None:
    assert claim(state).state == state


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
    assert "Tuesday, 29 December 2026, 24:00 (Berlin time)" in seen.text


@pytest.mark.parametrize(
    "answer, said",
    [("open", "You can object until"), ("notice_queued", "You can object at least until")],
)
def test_a_pause_does_not_hide_until_when_one_can_object(answer: str, said: str) -> None:
    paused = claim("open", status="approved", answer=answer, association="paused", earliest=DUE)

    seen = Seen(page_renderer.render_customer_page(frame(), view(paused)))

    for wanted in (
        said,
        "Tuesday, 29 December 2026, 24:00 (Berlin time)",
        "Association is paused",
        translate("en", "page.no_action"),
    ):
        assert wanted in seen.text


@pytest.mark.parametrize("status", ["under_review", "disputed", "approved"])
def test_an_association_that_ended_does_not_hide_an_open_question(status: str) -> None:
    asked = claim("open", status=status, association="ended")

    seen = Seen(page_renderer.render_customer_page(frame(), view(asked)))

    assert asked.state == "open"
    assert format_moment("en", DUE, "Europe/Berlin") in seen.text


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
    ((_, fields),) = seen.forms
    assert [one["type"] for one in fields if one["element"] == "button"] == ["submit"]
    assert "Undo our objection" in seen.text
    assert "You can undo this until" in seen.text
    assert translate("en", "page.no_action") not in seen.text


def test_what_has_ended_offers_no_form() -> None:
    for state in ("ended", "rejected", "withdrawn", "expired"):
        assert Seen(page_renderer.render_customer_page(frame(), view(claim(state)))).forms == []


def test_several_claims_are_answered_in_one_form_in_which_each_can_be_left_out() -> None:
    seen = Seen(
        page_renderer.render_customer_page(
            frame(),
            view(claim(), claim("asked", claim_id="clm_2"), claim("opted_out", claim_id="clm_3")),
        )
    )

    undo, answer = seen.forms
    assert [one["value"] for one in undo[1] if one.get("name") == "claim"] == ["clm_3"]
    boxes = [one for one in answer[1] if one.get("name") == "claim"]
    assert [one["value"] for one in boxes] == ["clm_1", "clm_2"]
    assert all(one["type"] == "checkbox" and "checked" in one for one in boxes)
    assert [f["value"] for f in answer[1] if f.get("name") == "decision"] == ["opt_out", "agree"]


def test_claims_that_stand_alike_share_a_card_and_each_keeps_its_place_and_time() -> None:
    html = page_renderer.render_customer_page(
        frame(),
        view(
            claim(),
            claim(claim_id="clm_2", item="Teams"),
            claim("active", claim_id="clm_3", item="Exchange Online"),
        ),
    )

    seen = Seen(html)
    assert sum(tag == "article" for tag, _ in seen.elements) == 2
    assert seen.text.count("Registered country") == 0
    for claim_id in ("clm_1", "clm_2"):
        row = html.split(f'<tr id="{claim_id}"')[1].split("</tr>")[0]
        assert '<time datetime="2026-12-29T23:00:00' in row
    assert find_faults(html) == []
    assert seen.text.count(role_of(claim())) == 2  # once in each card


def role_of(one: ClaimView) -> str:
    return translate("en", f"partner_role.{one.partner_role}.name")


def test_roles_that_differ_stand_at_each_request() -> None:
    other = claim(claim_id="clm_2", partner_role="build_intent_advisor")

    html = page_renderer.render_customer_page(frame(), view(claim(), other))

    for one in (claim(), other):
        row = html.split(f'<tr id="{one.claim_id}"')[1].split("</tr>")[0]
        assert role_of(one) in row


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("state", [one for one in MACHINES if one not in ("asked", "open")])
def test_the_state_is_in_title_and_heading(state: str, language: str) -> None:
    html = page_renderer.render_customer_page(frame(language=language), view(claim(state)))

    said = translate(language, f"page.state.{state}")
    if claim(state).state == "not_objected":
        said = translate(language, "page.heading", partner="Northwind Traders")
    assert said in html.split("<title>")[1].split("</title>")[0]
    assert said in html.split("<h1>")[1].split("</h1>")[0]


@pytest.mark.parametrize("names", [("Northwind Traders",), ("Northwind Traders", "Contoso AG")])
def test_a_card_names_its_partner_where_there_are_several(names: tuple[str, ...]) -> None:
    claims = [
        claim(claim_id=f"clm_{name[0]}", organisation_id=name, partner=name) for name in names
    ]

    html = page_renderer.render_customer_page(frame(), tenant_view(*claims))

    headings = re.findall(r'<h2 id="g\d+">(.*?)</h2>', html)
    several = [f"Dynamics 365 Sales – {name}" for name in names]
    assert headings == (several if len(names) > 1 else ["Dynamics 365 Sales"])


@pytest.mark.parametrize("language", LANGUAGES)
def test_agreeing_is_explained_only_where_it_is_offered(language: str) -> None:
    agreeing = translate(language, "page.answer_confirmed")
    objecting = translate(language, "page.answer_undone")
    for may, said, other in (
        (("opt_out", "agree"), agreeing, objecting),
        (("opt_out",), objecting, agreeing),
    ):
        text = Seen(
            page_renderer.render_customer_page(frame(language=language), view(claim(may=may)))
        ).text
        assert said in text
        assert other not in text


def test_what_it_is_about_stands_above_the_form() -> None:
    text = Seen(page_renderer.render_customer_page(frame(), view(claim()))).text

    order = ["Dynamics 365 Sales", "You can object until", "What the partner would see"]
    order += ["What happens if you do nothing", "Your answer", "Choose your answer"]
    places = [text.index(one) for one in order]
    assert places == sorted(places)


def test_after_an_act_the_focus_is_on_what_was_done() -> None:
    html = page_renderer.render_customer_page(
        frame(), view(claim("opted_out"), done="opt_out", done_partner="")
    )

    seen = Seen(html)
    (banner,) = [a for _, a in seen.elements if "autofocus" in a]
    assert (banner["tabindex"], banner["role"]) == ("-1", "status")
    assert "<h1>Objection recorded</h1>" in html
    assert "<title>Objection recorded – " in html


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
    assert "for Teams until Tuesday, 29 December 2026, 24:00 (Berlin time)" in seen.text


def test_a_tenant_without_claims_can_be_locked() -> None:
    seen = Seen(page_renderer.render_customer_page(frame(), tenant_view(partners=())))

    assert "Nobody asks to be partner of record for Fabrikam AG" in seen.text
    assert [action for action, _ in seen.forms] == ["/o/t0ken/lock?lang=en"]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    "done",
    [
        "opt_out",
        "agree",
        "agree_sent",
        "undo",
        "undo_sent",
        "lock",
        "unlock",
        "block",
        "allow_again",
    ],
)
def test_what_was_just_done_is_shown_at_the_top(done: str, language: str) -> None:
    html = page_renderer.render_customer_page(
        frame(language=language), tenant_view(claim(), done=done, done_partner="Northwind Traders")
    )

    assert translate(language, f"page.done.{done}", partner="Northwind Traders") in html
    assert 'role="status"' in html


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    "problem",
    ["choice_missing", "form_expired", "already_answered", "too_late", "link_scope", "cross_site"],
)
def test_a_problem_is_shown_at_the_top(problem: str, language: str) -> None:
    html = page_renderer.render_customer_page(
        frame(language=language), view(claim(), problem=problem)
    )

    assert translate(language, f"refusal.{problem}.title") in Seen(html).text
    assert 'role="alert"' in html


@pytest.mark.parametrize(
    ("state", "heading"),
    [
        ("active", "What the partner sees"),
        ("open", "What the partner would see"),
        ("disputed", "What the partner would see"),
    ],
)
def test_the_page_says_what_partners_see_now_only_where_they_do(state: str, heading: str) -> None:
    seen = Seen(page_renderer.render_customer_page(frame(), view(claim(state))))

    assert heading in seen.text
    if state == "active":
        assert "Only if you want to object." in seen.text
