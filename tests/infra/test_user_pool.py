"""The user pool of production: what its tokens carry, and that no user can give themselves an
organisation or a role.
"""

import json
from typing import Any

import pytest

from chalicelib.usecases.callers import PARTNER_ROLES as PARTNER
from chalicelib.usecases.callers import PROGRAMME_ROLES as PROGRAMME
from tools.packaging.package import package
from tools.packaging.target import HOST


@pytest.fixture(scope="module")
def resources() -> Any:
    return json.loads(package("prod", HOST).template.read_text())["Resources"]


def put_in(resources: Any, **asked: Any) -> dict[str, Any]:
    """What the pool's function adds to an access token, run from the very text that is deployed."""
    named: dict[str, Any] = {}
    exec(resources["TokenClaims"]["Properties"]["Code"]["ZipFile"], named)  # noqa: S102 - our own, from infra/
    answer = named["handler"]({"version": "2", "request": asked, "response": {}}, None)
    details = answer["response"]["claimsAndScopeOverrideDetails"]["accessTokenGeneration"]
    return dict(details["claimsToAddOrOverride"])


def test_a_partners_token_carries_organisation_roles_name_and_language(resources):
    person = {
        "sub": "1",
        "custom:organisation_id": "org_x",
        "name": "Pia",
        "locale": "de",
        "email": "pia@x.example",
    }

    added = put_in(
        resources,
        userAttributes=person,
        groupConfiguration={"groupsToOverride": ["incentives_admin"]},
    )

    assert added == {
        "organisation_id": "org_x",
        "name": "Pia",
        "locale": "de",
        "roles": ["incentives_admin"],
    }


@pytest.mark.parametrize(
    "asked",
    [{}, {"userAttributes": None, "groupConfiguration": None}, {"userAttributes": {"sub": "1"}}],
)
def test_a_user_without_groups_gets_no_roles(resources, asked):
    assert put_in(resources, **asked) == {"roles": []}


def test_there_is_a_group_for_every_role_and_no_other(resources):
    groups = {
        r["Properties"]["GroupName"]
        for r in resources.values()
        if r["Type"] == "AWS::Cognito::UserPoolGroup"
    }

    assert groups == PARTNER | PROGRAMME


def test_no_user_signs_up_or_chooses_its_organisation(resources):
    pool, pages = resources["UserPool"]["Properties"], resources["Pages"]["Properties"]

    assert pool["AdminCreateUserConfig"] == {"AllowAdminCreateUserOnly": True}
    assert pool["MfaConfiguration"] == "ON"
    assert pages["WriteAttributes"] == ["name", "locale"]
    assert "aws.cognito.signin.user.admin" not in pages["AllowedOAuthScopes"]
    assert (pages["AllowedOAuthFlows"], pages["GenerateSecret"]) == (["code"], True)


LANGUAGES = ("en", "de", "fr", "hu", "ja")


def invitation(resources: Any, monkeypatch: pytest.MonkeyPatch, locale: str) -> dict[str, str]:
    """What the pool writes to a new person, by the very text that is deployed."""
    monkeypatch.setenv("URL", "https://por.example")
    monkeypatch.setenv("PROGRAMME", "A & B <Programme>")
    named: dict[str, Any] = {}
    exec(resources["Invitations"]["Properties"]["Code"]["ZipFile"], named)  # noqa: S102 - our own, from infra/
    event = {
        "triggerSource": "CustomMessage_AdminCreateUser",
        "request": {
            "userAttributes": {"locale": locale},
            "usernameParameter": "{username}",
            "codeParameter": "{####}",
        },
        "response": {},
    }
    return dict(named["handler"](event, None)["response"])


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_invitation_has_address_name_and_password_in_every_language(
    resources, monkeypatch, language
):
    written = invitation(resources, monkeypatch, language)

    assert "A & B <Programme>" in written["emailSubject"]
    assert "A &amp; B &lt;Programme&gt;" in written["emailMessage"]
    for part in ("https://por.example", "{username}", "{####}", "7" if language == "ja" else ""):
        assert part in written["emailMessage"]


def test_invitations_differ_by_language_and_an_unknown_one_is_english(resources, monkeypatch):
    texts = {one: invitation(resources, monkeypatch, one)["emailMessage"] for one in LANGUAGES}

    assert len(set(texts.values())) == len(LANGUAGES)
    assert invitation(resources, monkeypatch, "xx")["emailMessage"] == texts["en"]


def test_a_new_password_and_a_second_factor_are_asked_for_at_the_first_sign_in(resources):
    pool = resources["UserPool"]["Properties"]

    assert pool["EnabledMfas"] == ["SOFTWARE_TOKEN_MFA"]
    assert pool["Policies"]["PasswordPolicy"]["TemporaryPasswordValidityDays"] == 7
    assert pool["LambdaConfig"]["CustomMessage"] == {"Fn::GetAtt": ["Invitations", "Arn"]}
