"""Every code that the edge answers with has sentences, and gives them the values that they need."""

from typing import Annotated, Literal

import pytest
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from chalicelib.domain import refusals
from chalicelib.domain.findings import Finding
from chalicelib.domain.timestamps import Day, Moment
from chalicelib.text import i18n
from chalicelib.web.http import problems
from chalicelib.web.http.validation_errors import list_findings
from tests.support.app import SETTINGS

REFUSALS = [
    *(
        refusals.Unauthenticated(code, reason="x")
        for code in ("token_missing", "token_invalid", "token_expired")
    ),
    refusals.Forbidden(),
    refusals.Forbidden("mixed_roles"),
    refusals.Forbidden("cross_site"),
    refusals.NotFound(),
    refusals.VersionRequired(),
    refusals.Unavailable("issuer_unreachable"),
    refusals.TooMany(1),
    refusals.Invalid([]),
    *(
        refusals.Malformed([], code)
        for code in (
            None,
            "idempotency_key_required",
            "idempotency_key_malformed",
            "if_match_malformed",
            "if_match_not_a_version",
        )
    ),
    problems.TooLarge(limit="1"),
    problems.UnsupportedType(expected="x"),
    problems.MethodNotAllowed("GET"),
    problems.InternalError(),
]


def test_every_refusal_of_the_gateway_has_sentences_of_its_own():
    untitled = [one.code for one in REFUSALS if not i18n.has_text(f"refusal.{one.code}.title")]
    incomplete = [
        (one.code, language)
        for one in REFUSALS
        for language in i18n.LANGUAGES
        if not is_complete(problems.describe_problem(one, language, "r", SETTINGS))
    ]

    assert untitled == []
    assert incomplete == []


def is_complete(problem):
    return problem["title"] and problem["detail"] and "{" not in problem["detail"]


class Everything(BaseModel):
    model_config = ConfigDict(extra="forbid")

    missing: int
    kind: Literal["a", "b"] = "a"
    short: Annotated[str, Field(min_length=2, max_length=3)] = "xx"
    long: Annotated[list[int], Field(max_length=1)] = []
    small: Annotated[int, Field(ge=2, le=3)] = 2
    large: Annotated[float, Field(gt=0, lt=1)] = 0.5
    form: Annotated[str, Field(pattern="^x$")] = "x"
    on: Day | None = None
    at: Moment | None = None
    whole: int = 0


WRONG = {
    "kind": "c",
    "short": "x",
    "long": [1, 2],
    "small": 1,
    "large": 2,
    "form": "y",
    "on": "0",
    "at": "0",
    "whole": "1",
    "x": 1,
}


def test_the_findings_of_a_model_have_different_codes():
    with pytest.raises(ValidationError) as error:
        Everything.model_validate(WRONG, strict=True)

    found = list_findings(error.value, WRONG)

    assert {(one.pointer, one.code) for one in found} == {
        ("/missing", "missing"),
        ("/kind", "not_one_of"),
        ("/short", "too_short"),
        ("/long", "too_long"),
        ("/small", "too_small"),
        ("/large", "too_large"),
        ("/form", "wrong_format"),
        ("/on", "not_a_date"),
        ("/at", "not_a_moment"),
        ("/whole", "wrong_type"),
        ("/x", "unknown_field"),
    }
    assert {one.code: one.values.get("allowed") for one in found}["not_one_of"] == "a, b"
    for one in found:
        says_itself(one)


@pytest.mark.parametrize(
    "code", ["not_json", "invalid_value", "duplicate", "cursor_invalid", "not_a_guid", "not_a_url"]
)
def test_a_finding_about_a_request_has_sentences_of_its_own(code):
    says_itself(Finding(code=code))


def test_a_finding_about_a_header_names_it():
    says_itself(Finding(code="header_invalid", values={"header": "if-match"}))


def says_itself(finding):
    assert i18n.has_text(f"finding.{finding.code}.detail") and i18n.has_text(
        f"finding.{finding.code}.hint"
    )
    for language in i18n.LANGUAGES:
        shown = problems.describe_finding(finding, language)
        assert shown["detail"] and shown["hint"] and "{" not in shown["detail"] + shown["hint"]


class Chosen(BaseModel):
    names: Annotated[tuple[Literal["a", "b"], ...], Field(min_length=1)]


@pytest.mark.parametrize(
    ("given", "codes"),
    [
        ({"names": []}, {("too_short", "/names")}),
        ({"names": ["x"]}, {("not_one_of", "/names/0")}),
        ({"names": ["a", "x"]}, {("not_one_of", "/names/1")}),
    ],
)
def test_a_list_with_wrong_elements_is_not_called_too_short(given, codes):
    with pytest.raises(ValidationError) as refused:
        Chosen.model_validate(given)

    found = list_findings(refused.value, given)

    assert {(one.code, one.pointer) for one in found} == codes
