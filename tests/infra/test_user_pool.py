"""The user pool of production: what its tokens carry, and that nobody gives themselves an
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
