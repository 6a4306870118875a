"""What `cpor doctor` says about parts that no engine here has."""

import dataclasses
from types import SimpleNamespace
from typing import Any

import pytest

from cpor.doctor import CHECKS, functions, mail, run_check
from tests.cli.doctor import PROD, Told, mails, saying, topic, wrong

QUEUE = {"Protocol": "sqs", "Endpoint": "arn:q", "SubscriptionArn": "arn:s"}


@pytest.mark.parametrize(
    ("told", "subscribed", "said"),
    [
        ({}, [QUEUE], ""),
        ({"verified": ("por@mail.example",)}, [QUEUE], ""),
        ({"verified": ()}, [QUEUE], "no notice can be sent"),
        (
            {"account": {"ProductionAccessEnabled": False, "SendingEnabled": True}},
            [QUEUE],
            "its own sandbox",
        ),
        (
            {"account": {"ProductionAccessEnabled": True, "SendingEnabled": False}},
            [QUEUE],
            "sends nothing",
        ),
        (
            {"destination": {"MatchingEventTypes": ["BOUNCE"]}},
            [QUEUE],
            "does not report complaint, delivery",
        ),
        ({"destination": {"Enabled": False}}, [QUEUE], "no notice would count as delivered"),
        ({}, [], "do not reach the queue"),
    ],
)
def test_mail_is_judged_by_sender_and_by_what_comes_back(told, subscribed, said):
    found = wrong(mail.check(Told("prod", PROD, sesv2=mails(**told), sns=topic(*subscribed))))

    assert said in found
    assert bool(found) == bool(said)


def test_alarms_without_subscriber_are_named():
    pending = {
        "Protocol": "email",
        "Endpoint": "ops@por.example",
        "SubscriptionArn": "PendingConfirmation",
    }

    assert "No address receives them" in wrong(mail.check_alarms(Told("prod", PROD, sns=topic())))
    assert "ops@por.example has not confirmed" in wrong(
        mail.check_alarms(Told("prod", PROD, sns=topic(pending)))
    )
    assert not list(mail.check_alarms(Told("sandbox", PROD, sns=topic())))


@pytest.mark.parametrize(
    ("issuer", "profile", "mend"),
    [
        (
            "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_x",
            "standard",
            "SET=OidcProfile=cognito",
        ),
        ("https://login.example", "cognito", "SET=OidcProfile=standard"),
    ],
)
def test_an_issuer_whose_tokens_are_read_by_another_profile_is_named(issuer, profile, mend):
    chosen = dataclasses.replace(
        PROD, oidc_issuer=issuer, oidc_profile=profile, jwks_url="https://127.0.0.1:9/jwks"
    )

    found = list(CHECKS["issuer"](Told("prod", chosen)))

    assert "nobody can sign in" in found[0].wrong
    assert mend in found[0].do


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("WEBHOOK_KEY", "x"),
        ("ANYTHING", "0123456789abcdef" * 4),
        ("ANYTHING", "AKIAIOSFODNN7EXAMPLE"),
        ("DB_PASSWORD", "x"),
        ("ANYTHING", "-----BEGIN PRIVATE KEY-----"),
        ("ANYTHING", "https://me:pass@host/"),
        ("ANYTHING", "eyJhbGciOi.eyJzdWIi.sig"),
    ],
)
def test_a_secret_in_clear_is_recognised_by_its_name_or_its_form(name, value):
    assert functions.find_secrets({name: value}) == {name}


def test_the_environment_of_functions_holds_no_secret():
    told = {
        "SECRETS_PREFIX": "/cpor/prod",
        "JWKS_URL": "https://login.example/keys",
        "PYDANTIC_DISABLE_PLUGINS": "__all__",
        "LIVE_CLIENT_ID": "11111111-1111-4111-8111-111111111111",
        "TABLE_NAME": "cpor-Table-096243BD56C95",
        "WEBHOOK_KEY": "",
    }

    assert functions.find_secrets(told) == set()


def test_a_part_that_it_may_not_read_is_reported_and_the_rest_is_checked():
    def refused(**_: Any) -> Any:
        raise saying("AccessDeniedException")

    stage = Told("prod", PROD, ssm=SimpleNamespace(get_parameters=refused))

    (found,) = run_check("secrets", stage)

    assert found.blind
    assert "could not be checked" in found.wrong
