"""Every text exists in every language, fits the code that uses it, and keeps to the glossary."""

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path
from string import Formatter

import pytest

from chalicelib.domain.deadlines import DERIVED_KINDS, KINDS
from chalicelib.domain.events import ACTS
from chalicelib.domain.state_machines import ANSWER, ASSOCIATION, CLAIM
from chalicelib.text.i18n import (
    LANGUAGES,
    has_text,
    list_placeholders,
    translate,
)
from chalicelib.web.pages.customer_views import REASONS
from tests.text.texts import TEXTS

ROOT = Path(__file__).parents[2]
EVERY = [(code, key) for code in LANGUAGES for key in TEXTS[code]]


def words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


# domain.md, "Checks at entry", in its order; then what is wrong with values of any request (api.md,
# "Conventions").
CHECKS = words("""
domain_tenant_mismatch domain_unknown tenant_not_business tenant_is_yours tenant_not_readable
directory_unavailable location_not_yours location_not_enrolled partner_type_unusual
partner_role_not_in_solution_area product_not_in_solution_area too_many_items
submitter_not_allowed product_not_in_tenant subscription_required subscription_id_invalid
subscription_not_in_tenant subscription_not_business_applications subscription_wrong_product
subscription_is_csp purchase_channel_not_eligible purchase_channel_unknown
subscription_not_provisioned subscription_not_active subscription_state_unknown already_claimed
contested cooling_off contact_domain_not_customer contact_address_invalid evidence_item_unknown
too_many_files claim_too_large
unprintable technical_contact_required revenue_details_required revenue_details_not_allowed
evidence_missing evidence_not_uploaded evidence_type_not_allowed evidence_too_large
evidence_checksum_mismatch evidence_too_old evidence_date_in_future evidence_item_not_covered
evidence_acknowledgement_missing evidence_not_yours evidence_reused tenant_locked partner_blocked
unknown_field unknown_event_type by_not_supported range_too_long too_many_rows
missing wrong_type too_long too_short too_large too_small
not_a_guid not_a_date not_a_moment not_an_email not_one_of not_json
""")
REFUSALS = words("""
malformed invalid unauthenticated forbidden not_found method_not_allowed wrong_state lost_race
idempotency_in_progress version_changed if_match_required idempotency_key_reused
idempotency_key_required payload_too_large unsupported_media_type too_many_requests unavailable
directory_unavailable association_not_active second_person_needed decided_before
conflict_of_interest senior_needed already_answered too_late link_unknown link_scope form_expired
internal_error submitter_not_allowed too_many_comments too_many_amendments too_many_letters
too_many_drafts item_full too_many_questions evidence_not_scanned evidence_infected
evidence_not_viewable
""")
REVIEW_CODES = words("""
poe_missing_or_wrong_file poe_customer_acknowledgement_missing poe_date_missing poe_date_too_old
poe_service_description_missing poe_item_missing poe_tenant_mismatch poe_signature_unverifiable
poe_public_sector_disclosure_missing poe_unavailable insufficient_poe partner_request fraud
duplicate
""")
SYSTEM_CODES = words("""
customer_opted_out no_partner_response lost_arbitration contact_unreachable partner_ended
subscription_ended superseded revoked
""")
LABELS = ("approved_objection", "approved_active", "approved_pending")  # domain.md, "Labels"


# domain.md, "Languages", and docs/glossary.md: what machine translation makes of these words.
FORBIDDEN = {
    "de": "In Bearbeitung|[Zz]urückforder|Rückforderung|sich abmelden|Werktag|Geschäftstag"
    "|Schlichtung|Verband|Datensatzpartner|Arbeitsauslastung|Arbeitsplatzdaten|Umsatzrealisierung"
    "|Verwendungserkennung|Absicht aufbauen",
    "fr": "récupér|locataire|jours ouvrables|revendiqu|réclam|désinscri|désabonn",
    "hu": "visszaigényel|jogcím|munkaterhelés|választottbíróság|leiratkoz",
    "ja": "回収|クレーム|アソシエーション|収益認識|要求",
    "en": "reclaim|unsubscribe",
}
BUSINESS_DAYS = re.compile("business day|Arbeitstag|jours ouvrés|munkanap|営業日", re.IGNORECASE)
INFORMAL = {
    "de": r"\b([Dd]u|[Dd]ein\w*|[Dd]ich|[Dd]ir)\b",
    "fr": r"\b([Tt]u|[Tt]on|[Tt]a|[Tt]es|[Tt]oi)\b",
    "hu": r"\b([Tt]e|[Tt]éged|[Nn]eked|[Kk]attints|[Vv]álassz)\b",
}


def fields(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


@pytest.mark.parametrize("code", LANGUAGES)
def test_every_language_says_everything_with_the_same_placeholders(code: str) -> None:
    english, other = TEXTS["en"], TEXTS[code]

    assert list(other) == list(english)
    assert {key: fields(other[key]) for key in other} == {
        key: fields(english[key]) for key in english
    }
    assert all(text.strip() == text and text for text in other.values())


def test_the_five_languages_are_there() -> None:
    assert set(LANGUAGES) == {"de", "en", "fr", "hu", "ja"}


def test_placeholders_are_plain_names_without_access_to_what_values_hold() -> None:
    names = {name for code, key in EVERY for name in fields(TEXTS[code][key])}

    assert all(name.isidentifier() and name.islower() for name in names)


def test_every_check_has_a_sentence_and_a_hint() -> None:
    keys = [f"finding.{code}.{part}" for code in CHECKS for part in ("detail", "hint")]

    assert [key for key in keys if not has_text(key)] == []


def test_every_refusal_has_a_title_and_a_sentence() -> None:
    keys = [f"refusal.{code}.{part}" for code in REFUSALS for part in ("title", "detail")]

    assert [key for key in keys if not has_text(key)] == []


def test_every_state_clock_and_code_has_a_label() -> None:
    wanted = [f"status.{state}" for state in (*CLAIM.states, *LABELS)]
    wanted += [f"answer.{state}" for state in ANSWER.states]
    wanted += [f"association.{state}" for state in ASSOCIATION.states]
    clocks = KINDS | DERIVED_KINDS
    wanted += [f"clock.{kind}" for kind in clocks] + [
        f"clock.then.{kind.then}" for kind in clocks.values()
    ]
    wanted += [f"review_code.{code}" for code in REVIEW_CODES] + [
        f"reason.{code}" for code in SYSTEM_CODES
    ]
    wanted += [f"page.reason.{reason}" for reason in REASONS]

    assert [key for key in wanted if not has_text(key)] == []


def test_every_role_of_every_edition_says_for_whom_it_applies() -> None:
    for file in sorted((ROOT / "chalicelib" / "catalogue").glob("edition-*.json")):
        edition = json.loads(file.read_text(encoding="utf-8"))
        for area in edition["solution_areas"]:
            assert has_text(f"solution_area.{area['code']}")
            for role in area["partner_roles"]:
                said = translate(
                    "en", f"partner_role.{role['code']}.applicable_for.{edition['code']}"
                )
                web_direct = (
                    area["code"] == "business_applications" and "web_direct" in role["channels"]
                )
                assert ("web-direct" in said) == web_direct
                assert translate("en", f"partner_role.{role['code']}.name.{edition['code']}")
                assert all(has_text(f"purpose.{purpose}") for purpose in role["purposes"])
                assert has_text(f"engagement.{role['engagement']}")


def test_every_finding_that_the_code_makes_has_its_sentences_and_their_values() -> None:
    wrong = []
    for code, given_values, where in findings_in_code():
        keys = (f"finding.{code}.detail", f"finding.{code}.hint")
        if not all(has_text(key) for key in keys):
            wrong.append(f"{where}: no sentence for {code}")
        elif given_values is not None and (
            lacks := (list_placeholders(keys[0]) | list_placeholders(keys[1])) - given_values
        ):
            wrong.append(f"{where}: {code} lacks {', '.join(sorted(lacks))}")

    assert wrong == []


def test_every_refusal_that_the_code_makes_has_its_sentences() -> None:
    wrong = [
        f"{where}: no sentence for {code}"
        for code, where in refusals_in_code()
        if not has_text(f"refusal.{code}.title")
    ]

    assert wrong == []


def test_every_act_that_the_code_writes_is_declared() -> None:
    assert acts_in_code() - set(ACTS) == set()


def test_every_act_has_a_label() -> None:
    assert [act for act in ACTS if not has_text(f"act.{act}")] == []


@pytest.mark.parametrize(
    ("code", "label"),
    [
        ("en", "Under review"),
        ("de", "In Prüfung"),
        ("fr", "En cours d’examen"),
        ("hu", "Felülvizsgálat alatt"),
        ("ja", "レビュー中"),
    ],
)
def test_under_review_is_translated_as_the_glossary_says(code: str, label: str) -> None:
    assert translate(code, "status.under_review") == label
    assert translate(code, "status.in_arbitration") == label
    assert label in translate(code, "finding.contested.hint", product="x")
    assert label in translate(code, "mail.contested.next")


@pytest.mark.parametrize("code", LANGUAGES)
def test_words_that_the_glossary_forbids_are_nowhere(code: str) -> None:
    found = {key: text for key, text in TEXTS[code].items() if re.search(FORBIDDEN[code], text)}

    assert found == {}


@pytest.mark.parametrize("code", sorted(INFORMAL))
def test_people_are_addressed_formally(code: str) -> None:
    found = {key: text for key, text in TEXTS[code].items() if re.search(INFORMAL[code], text)}

    assert found == {}


def test_business_days_never_stand_without_the_moment_they_end() -> None:
    said = {key for code, key in EVERY if BUSINESS_DAYS.search(TEXTS[code][key])}

    assert said == {key for key in said if "due" in list_placeholders(key)} | {
        "calendar.days",
        "calendar.days_listed",
        "ui.sandbox.business_day",  # moves the test clock
        # The lengths of an edition, on the operator's page: no deadline of anybody's.
        "ui.length.at",
        "ui.length.business_days",
        "ui.length.business_days_one",
    }


def test_french_puts_no_break_before_its_double_punctuation() -> None:
    found = {key: text for key, text in TEXTS["fr"].items() if re.search(r"[^:/] [:;?!»]|« ", text)}

    assert found == {}


def test_french_has_the_typographic_apostrophe() -> None:
    found = {key for key, text in TEXTS["fr"].items() if re.search(r"\w'[\w{]", text)}

    assert found == set()


def test_a_customer_is_addressed_in_japanese_by_one_word() -> None:
    """On its page, in its access log, and in the mails to it (docs/glossary.md, "Tone")."""
    to_customers = re.compile(
        r"(page|journal|mail\.(shared|notice|customer_(agreed|opted_out|undone)|tenant_\w+))\."
    )

    found = {
        key: text
        for key, text in TEXTS["ja"].items()
        if to_customers.match(key) and re.search("貴社|顧客|あなた", text)
    }

    assert found == {}


def test_partners_and_reviewers_read_of_a_customer_by_another_word_in_japanese() -> None:
    public = ("ui.landing.", "ui.walk.")

    found = {
        key: text
        for key, text in TEXTS["ja"].items()
        if key.startswith("ui.") and not key.startswith(public) and "お客様" in text
    }

    assert found == {}


def test_the_glossary_lists_every_sentence_of_a_finding_or_refusal_that_needs_values() -> None:
    listed = dict(
        re.findall(
            r"^\| `((?:finding|refusal)\.\S+)` \| (.+) \|$",
            (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8"),
            re.MULTILINE,
        )
    )

    wanted = {
        key: ", ".join(f"`{name}`" for name in sorted(list_placeholders(key)))
        for key in TEXTS["en"]
        if key.startswith(("finding.", "refusal.")) and list_placeholders(key)
    }
    assert listed == wanted


def sources() -> Iterator[tuple[str, ast.AST]]:
    for file in sorted((ROOT / "chalicelib").rglob("*.py")):
        yield file.name, ast.parse(file.read_text(encoding="utf-8"))


def calls() -> Iterator[tuple[str, str, ast.Call]]:
    """Every call in the code as (where, name of what is called, call)."""
    for name, tree in sources():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name | ast.Attribute):
                called = node.func.id if isinstance(node.func, ast.Name) else node.func.attr
                yield f"{name}:{node.lineno}", called, node


def findings_in_code() -> Iterator[tuple[str, set[str] | None, str]]:
    """(code, names of its values or None when they cannot be read off, where) of findings with a
    literal code.
    """
    for where, called, call in calls():
        named = {keyword.arg: keyword.value for keyword in call.keywords}
        if called == "Finding" and isinstance(code := named.get("code"), ast.Constant):
            values = named.get("values")
            literal = (
                values is None
                or isinstance(values, ast.Dict)
                and all(isinstance(k, ast.Constant) for k in values.keys)
            )
            names = (
                {str(k.value) for k in values.keys if isinstance(k, ast.Constant)}
                if isinstance(values, ast.Dict)
                else set()
            )
            yield str(code.value), names if literal else None, where
        elif (
            called == "ask"
            and call.args
            and isinstance(call.args[0], ast.Constant)
            and len(call.args) == 2
        ):
            open_ended = None in named
            yield (
                str(call.args[0].value),
                None if open_ended else {str(n) for n in named} | {"support_url"},
                where,
            )


def refusals_in_code() -> Iterator[tuple[str, str]]:
    coded = {
        "Refusal",
        "Forbidden",
        "NotFound",
        "WrongState",
        "LostRace",
        "StaleVersion",
        "Unauthenticated",
        "Unavailable",
    }
    for where, called, call in calls():
        first = call.args[0] if call.args else None
        if called in coded and isinstance(first, ast.Constant) and isinstance(first.value, str):
            yield first.value, where
        if (
            called in {"TooMany", "Malformed", "Invalid"}
            and len(call.args) > 1
            and isinstance(call.args[1], ast.Constant)
        ):
            yield str(call.args[1].value), where


def acts_in_code() -> set[str]:
    return {
        call.args[2].value
        for _, called, call in calls()
        if called == "record_act"
        and len(call.args) > 2
        and isinstance(call.args[2], ast.Constant)
        and isinstance(call.args[2].value, str)
    }
