"""The sandbox's issuer issues tokens for any identity, and only in a sandbox."""

from dataclasses import replace
from datetime import timedelta

import jwt
import pytest

from chalicelib.domain.refusals import Unauthenticated
from chalicelib.runtime.settings import Settings
from chalicelib.web.auth.sandbox_issuer import Issuer
from chalicelib.web.auth.tokens import Tokens
from tests.support.app import NOW, SETTINGS, USER, Secrets


def test_a_minted_token_is_good_here():
    issuer = Issuer(SETTINGS, Secrets().get_or_create)

    caller = Tokens(SETTINGS, issuer.make_jwks).verify(
        f"Bearer {issuer.make_token(USER, NOW)}", NOW
    )

    assert (caller.sub, caller.organisation_id, caller.roles) == (
        "u-1",
        "ORG-1",
        {"incentives_user"},
    )


def test_the_key_is_made_once_and_kept():
    secrets = Secrets()
    token = Issuer(SETTINGS, secrets.get_or_create).make_token(USER, NOW)

    another_process = Issuer(SETTINGS, secrets.get_or_create)

    assert Tokens(SETTINGS, another_process.make_jwks).verify(f"Bearer {token}", NOW)
    assert set(secrets.kept) == {"issuer"}


def test_moving_the_clock_ends_no_session():
    issuer = Issuer(SETTINGS, Secrets().get_or_create)
    token = issuer.make_token(USER, NOW)

    caller = Tokens(SETTINGS, issuer.make_jwks).verify(f"Bearer {token}", NOW + timedelta(days=365))

    assert caller.sub == "u-1"


def test_a_token_does_not_live_for_ever():
    issuer = Issuer(SETTINGS, Secrets().get_or_create)

    with pytest.raises(Unauthenticated):
        Tokens(SETTINGS, issuer.make_jwks).verify(
            f"Bearer {issuer.make_token(USER, NOW)}", NOW + timedelta(days=367)
        )


def test_only_the_claims_of_the_contract_are_in_a_token():
    token = Issuer(SETTINGS, Secrets().get_or_create).make_token(
        {**USER, "iss": "evil", "exp": 9e9, "admin": True, "locale": None}, NOW
    )

    said = jwt.decode(token, options={"verify_signature": False})

    assert said["iss"] == SETTINGS.oidc_issuer
    assert set(said) == {
        "sub",
        "name",
        "organisation_id",
        "roles",
        "iss",
        "aud",
        "iat",
        "nbf",
        "exp",
    }


def test_another_sandbox_does_not_trust_the_token():
    token = Issuer(SETTINGS, Secrets().get_or_create).make_token(USER, NOW)

    with pytest.raises(Unauthenticated):
        Tokens(SETTINGS, Issuer(SETTINGS, Secrets().get_or_create).make_jwks).verify(
            f"Bearer {token}", NOW
        )


def test_only_public_members_are_published():
    (key,) = Issuer(SETTINGS, Secrets().get_or_create).make_jwks()["keys"]

    assert set(key) == {"kty", "crv", "x", "y", "kid", "use", "alg"}


@pytest.mark.parametrize("settings", [Settings(stage="prod"), replace(SETTINGS, stage="staging")])
def test_production_has_no_such_issuer(settings):
    with pytest.raises(ValueError):
        Issuer(settings, Secrets().get_or_create)
