"""The claims of a token: which decide, and what they may be."""

from dataclasses import replace
from datetime import timedelta

import pytest

from chalicelib.domain.refusals import Unauthenticated
from chalicelib.web.auth.tokens import Tokens
from tests.support.tokens import AT, DEL, KEYS, NOW, SETTINGS, a_token, reason, verify

# The claims


@pytest.mark.parametrize("name", ["iss", "aud", "exp", "nbf", "sub"])
@pytest.mark.parametrize("value", [DEL, None])
def test_the_claims_that_decide_are_required(name, value):
    assert reason(a_token(**{name: value})) == f"no_{name}"


COGNITO = replace(SETTINGS, oidc_profile="cognito", oidc_client_id="c-1")
ACCESS = {
    "token_use": "access",
    "scope": "openid cpor/partner",
    "client_id": "c-1",
    "aud": DEL,
    "nbf": DEL,
}


def of_cognito(settings=COGNITO, typ=DEL, **claims):
    """Verifies a token as a user pool makes it."""
    token = a_token(header={"typ": typ}, **{**ACCESS, **claims})
    return Tokens(settings, lambda: KEYS).verify(f"Bearer {token}", NOW)


def read_refusal_of_cognito(**claims):
    with pytest.raises(Unauthenticated) as refused:
        of_cognito(**claims)
    return refused.value.values["reason"]


def test_an_access_token_of_a_user_pool_is_good_where_that_is_the_issuer():
    assert (of_cognito().sub, of_cognito().organisation_id) == ("u-1", "ORG-1")
    assert of_cognito(organisation_id=DEL, roles=["reviewer"], scope="cpor/reviewer").roles == {
        "reviewer"
    }
    assert of_cognito(typ="JWT", aud="cpor").sub == "u-1"


def test_what_a_user_pool_leaves_out_is_missed_of_every_other_issuer():
    with pytest.raises(Unauthenticated) as refused:
        of_cognito(SETTINGS)
    assert refused.value.values["reason"] == "typ"
    assert reason(a_token(**ACCESS)) == "no_aud"
    assert reason(a_token(**{**ACCESS, "aud": "cpor"})) == "no_nbf"


@pytest.mark.parametrize("client", [DEL, None, "", "c-2", ["c-1"]])
def test_a_token_of_another_client_of_the_pool_is_refused(client):
    assert read_refusal_of_cognito(client_id=client) == "client_id"


@pytest.mark.parametrize(
    "claims",
    [
        {"token_use": "id", "aud": "cpor"},
        {"token_use": "refresh"},
        {"scope": "openid"},
        {"scope": ""},
        {"scope": "cpor"},
        {"scope": "cpor/reviewer"},
        {"scope": "other/partner"},
        {"scope": ["cpor/partner"]},
        {"scope": "xcpor/partner"},
        {"scope": "aws.cognito.signin.user.admin"},
        {"aud": "c-1"},
        {"aud": ["cpor"]},
        {"aud": None},
        {"organisation_id": DEL},
        {"organisation_id": DEL, "scope": "cpor/partner"},
    ],
)
def test_a_token_of_the_pool_that_is_not_for_this_service_or_this_part_of_it_is_refused(claims):
    assert read_refusal_of_cognito(**claims) == "aud"


@pytest.mark.parametrize("name", ["iss", "exp", "iat", "sub", "token_use", "scope"])
def test_a_token_of_the_pool_says_everything_that_decides(name):
    assert read_refusal_of_cognito(**{name: DEL}) == f"no_{name}"


def test_a_token_of_the_pool_begins_when_it_was_made_and_ends():
    assert read_refusal_of_cognito(iat=AT + 61) == "nbf"
    assert read_refusal_of_cognito(nbf=AT + 61) == "nbf"
    assert read_refusal_of_cognito(exp=AT - 60) == "exp"
    assert read_refusal_of_cognito(iss="https://other.example") == "iss"
    assert read_refusal_of_cognito(typ="JWE") == "typ"


def test_an_unknown_issuer_profile_lets_no_caller_in():
    with pytest.raises(KeyError):
        Tokens(replace(SETTINGS, oidc_profile="anything"), lambda: KEYS)


@pytest.mark.parametrize(
    "issuer",
    ["https://issuer.example/", "https://ISSUER.example", "", ["https://issuer.example"], 1],
)
def test_another_issuer_is_refused(issuer):
    assert reason(a_token(iss=issuer)) == "iss"


@pytest.mark.parametrize(
    "audience", ["other", "cpor ", "CPOR", ["cpor"], ["other", "cpor"], [], {"cpor": 1}, True]
)
def test_a_token_for_others_or_for_several_is_refused(audience):
    assert reason(a_token(aud=audience)) == "aud"


def test_a_token_ends_a_minute_after_its_end():
    assert verify(a_token(exp=AT), now=NOW + timedelta(seconds=59))

    with pytest.raises(Unauthenticated) as refused:
        verify(a_token(exp=AT), now=NOW + timedelta(seconds=60))
    assert refused.value.code == "token_expired"


def test_a_token_begins_a_minute_before_its_beginning():
    assert verify(a_token(nbf=AT + 60))
    assert reason(a_token(nbf=AT + 61)) == "nbf"
    assert reason(a_token(iat=AT + 61)) == "nbf"


@pytest.mark.parametrize("name", ["exp", "nbf", "iat"])
@pytest.mark.parametrize("value", ["1800000000", True, [], {}, -1, 1e300, "x"])
def test_moments_are_numbers(name, value):
    assert reason(a_token(**{name: value})) == name


@pytest.mark.parametrize(
    "value", ["", " u-1", "a\nb", "a\u0000", "x" * 256, 7, ["u-1"], {}, "a\u2028b", "\u202ea"]
)
@pytest.mark.parametrize("name", ["sub", "organisation_id"])
def test_a_subject_and_an_organisation_are_short_texts(name, value):
    assert reason(a_token(**{name: value})) == name


def test_an_organisation_cannot_reach_into_anothers_keys():
    assert reason(a_token(organisation_id="ORG-1#I")) == "organisation_id"


@pytest.mark.parametrize(
    "roles", ["reviewer", {"reviewer": 1}, [1], [["reviewer"]], ["x" * 300], ["r"] * 33, 0, False]
)
def test_roles_are_a_list_of_names(roles):
    assert reason(a_token(roles=roles)) == "roles"
