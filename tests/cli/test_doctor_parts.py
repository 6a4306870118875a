"""What `cpor doctor` says about parts that no engine here has."""

import dataclasses
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from cpor.doctor import CHECKS, functions, limits, mail, run_check
from cpor.doctor.finding import Finding
from tests.cli.doctor import PROD, Told, mails, saying, topic, wrong

QUEUE = {"Protocol": "sqs", "Endpoint": "arn:q", "SubscriptionArn": "arn:s"}


@pytest.mark.parametrize(
    ("answers", "subscribed", "said"),
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
        ({"account": {"EnforcementStatus": "PROBATION"}}, [QUEUE], "under probation"),
        (
            {"account": {"SendQuota": {"Max24HourSend": 200.0, "SentLast24Hours": 160.0}}},
            [QUEUE],
            "160 of 200 mails",
        ),
        (
            {"account": {"SendQuota": {"Max24HourSend": 200.0, "SentLast24Hours": 159.0}}},
            [QUEUE],
            "",
        ),
        (
            {"account": {"SendQuota": {"Max24HourSend": -1.0, "SentLast24Hours": 9.0}}},
            [QUEUE],
            "",
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
def test_mail_is_judged_by_sender_and_by_what_comes_back(answers, subscribed, said):
    found = wrong(mail.check(Told("prod", PROD, sesv2=mails(**answers), sns=topic(*subscribed))))

    assert said in found
    assert bool(found) == bool(said)


def test_alarms_without_subscriber_are_named():
    pending = {
        "Protocol": "email",
        "Endpoint": "ops@por.example",
        "SubscriptionArn": "PendingConfirmation",
    }

    unheard = wrong(mail.check_alarms(Told("prod", PROD, sns=topic())))
    assert all(f"No address receives those of {one}" in unheard for one in mail.TOPICS)
    assert "ops@por.example has not confirmed" in wrong(
        mail.check_alarms(Told("prod", PROD, sns=topic(pending)))
    )
    assert not list(mail.check_alarms(Told("sandbox", PROD, sns=topic())))


def test_addresses_that_ses_refuses_are_counted_and_the_programmes_own_is_a_fault():
    customer, programme = "a@kunde.example", PROD.programme_mail

    def find(*suppressed: str) -> list[Finding]:
        ses = mails(suppressed=suppressed)
        return list(mail.check_suppressed(Told("prod", PROD, sesv2=ses)))

    assert find() == []
    assert [(one.note, "1 addresses" in one.wrong) for one in find(customer)] == [(True, True)]
    assert [one.note for one in find(customer, programme)] == [False, True]
    assert find(programme)[0].do.endswith(f"--email-address {programme}")


class Lambda:
    """Lambda of an account with a limit. `maximum`: of the functions that read each queue."""

    def __init__(self, limit: int, maximum: int) -> None:
        self._limit, self._maximum = limit, maximum

    def get_account_settings(self) -> dict[str, Any]:
        return {"AccountLimit": {"UnreservedConcurrentExecutions": self._limit}}

    def list_event_source_mappings(self, FunctionName: str) -> dict[str, Any]:
        return {"EventSourceMappings": [{"ScalingConfig": {"MaximumConcurrency": self._maximum}}]}


class CloudWatch:
    """CloudWatch that has counted throttled calls of these, named by their last dimension."""

    def __init__(self, **counted: float) -> None:
        self._counted = counted

    def get_metric_statistics(self, **query: Any) -> dict[str, Any]:
        assert query["EndTime"] - query["StartTime"] == timedelta(seconds=query["Period"])
        count = self._counted.get(query["Dimensions"][-1]["Value"])
        return {"Datapoints": [{"Sum": count}] if count else []}


class Named(Told):
    """A stage whose resources are called as in the template."""

    def physical_id(self, name: str) -> str:
        return name

    def output(self, name: str) -> str:
        return name


@pytest.mark.parametrize(
    ("limit", "maximum", "said"),
    [(1000, 100, ""), (280, 60, ""), (279, 60, "runs 279 functions"), (10, 2, "may take 6")],
)
def test_an_account_whose_limit_is_too_low_for_the_stage_is_named(limit, maximum, said):
    stage = Named("prod", PROD, **{"lambda": Lambda(limit, maximum), "cloudwatch": CloudWatch()})

    found = wrong(limits.check(stage))

    assert said in found
    assert bool(found) == bool(said)


def test_what_was_throttled_lately_is_named():
    counted = CloudWatch(Worker=3.0, due=1200.0)
    stage = Named("prod", PROD, **{"lambda": Lambda(1000, 100), "cloudwatch": counted})

    assert wrong(limits.check(stage)).splitlines() == [
        "function Worker: 3 calls were throttled in the last hour.",
        "index `due`: 1,200 calls were throttled in the last hour.",
    ]


@pytest.mark.parametrize(
    ("issuer", "profile", "remedy"),
    [
        (
            "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_x",
            "standard",
            "SET=OidcProfile=cognito",
        ),
        ("https://login.example", "cognito", "SET=OidcProfile=standard"),
    ],
)
def test_an_issuer_whose_tokens_are_read_by_another_profile_is_named(issuer, profile, remedy):
    chosen = dataclasses.replace(
        PROD, oidc_issuer=issuer, oidc_profile=profile, jwks_url="https://127.0.0.1:9/jwks"
    )

    found = list(CHECKS["issuer"](Told("prod", chosen)))

    assert "nobody can sign in" in found[0].wrong
    assert remedy in found[0].do


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
    answers = {
        "SECRETS_PREFIX": "/cpor/prod",
        "JWKS_URL": "https://login.example/keys",
        "PYDANTIC_DISABLE_PLUGINS": "__all__",
        "LIVE_CLIENT_ID": "11111111-1111-4111-8111-111111111111",
        "TABLE_NAME": "cpor-Table-096243BD56C95",
        "WEBHOOK_KEY": "",
    }

    assert functions.find_secrets(answers) == set()


def test_a_part_that_it_may_not_read_is_reported_and_the_rest_is_checked():
    def refuse(**_: Any) -> Any:
        raise saying("AccessDeniedException")

    stage = Told("prod", PROD, ssm=SimpleNamespace(get_parameters=refuse))

    (found,) = run_check("secrets", stage)

    assert found.blind
    assert "could not be checked" in found.wrong
