"""Who may call a route: tokens and roles."""

import pytest

from tests.support.api_gateway import request
from tests.support.app import NOW, SETTINGS, USER, SampleApp


def test_a_caller_with_the_role_is_let_in(sample, app):
    answer = request(app, "GET", "/v1/claims", token=sample.token())

    assert answer.status == 200
    caller = sample.calls[0].caller
    assert (caller.sub, caller.organisation_id, caller.roles) == (
        "u-1",
        "ORG-1",
        {"incentives_user"},
    )
    assert (sample.calls[0].now, sample.calls[0].services.settings) == (NOW, SETTINGS)


def test_without_a_token_no_caller_gets_in(sample, app):
    answer = request(app, "GET", "/v1/claims")

    assert (answer.status, answer.json["code"]) == (401, "token_missing")
    assert answer.headers["WWW-Authenticate"] == 'Bearer realm="cpor"'
    assert not sample.calls


def test_with_a_bad_token_only_public_routes_answer(sample, app):
    assert request(app, "GET", "/v1/claims", token="a.b.c").status == 401
    assert (
        'error="invalid_token"'
        in request(app, "GET", "/v1/claims", token="a.b.c").headers["WWW-Authenticate"]
    )
    assert request(app, "GET", "/open", token="a.b.c").status == 200
    assert [call.caller for call in sample.calls] == [None]


@pytest.mark.parametrize(
    ("claims", "code"),
    [
        ({**USER, "roles": ["billing"]}, "forbidden"),
        ({**USER, "roles": []}, "forbidden"),
        ({"sub": "u", "roles": ["incentives_user"]}, "forbidden"),
        ({"sub": "u", "roles": ["auditor"]}, "forbidden"),
        ({**USER, "roles": ["incentives_user", "auditor"]}, "mixed_roles"),
        ({**USER, "roles": ["operator"]}, "mixed_roles"),
    ],
)
def test_a_role_counts_on_its_own_side_only(sample, app, claims, code):
    answer = request(app, "GET", "/v1/claims", token=sample.token(**claims))

    assert (answer.status, answer.json["code"]) == (403, code)
    assert not sample.calls


def test_roles_that_mean_nothing_for_the_caller_are_dropped(sample, app):
    request(
        app,
        "GET",
        "/v1/claims/c",
        token=sample.token(sub="r", roles=["reviewer", "incentives_admin", "other"]),
    )

    assert sample.calls[0].caller.roles == {"reviewer"}


def test_who_may_not_come_in_learns_nothing_about_the_body(sample, app):
    answer = request(app, "POST", "/v1/claims", body=b"{", headers={"Content-Type": "text/plain"})

    assert answer.status == 401


def test_other_services_have_another_issuer(sample):
    app = sample.app()
    assert request(app, "GET", "/v1/claims", token=sample.token()).status == 200

    other = SampleApp(secrets=type(sample.secrets)())
    sample.secrets = other.secrets

    assert request(app, "GET", "/v1/claims", token=other.token()).status == 200
