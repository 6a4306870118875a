"""Production's own template on the emulator: it deploys, and whom its user pool signs in the
service believes.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from functools import partial
from typing import Any

import pytest

from chalicelib.aws.cognito import CognitoUserPool
from chalicelib.domain.refusals import Unauthenticated, UserExists
from chalicelib.domain.user import User
from chalicelib.web.auth.jwks import make_fetcher
from chalicelib.web.auth.tokens import Tokens
from cpor.stage import Stage
from tests.support.emulator import DeployedStage
from tests.support.hosted_sign_in import PASSWORD, sign_in
from tools.deployment import stack
from tools.deployment.stack import StackUpdate
from tools.embedded import deployment
from tools.packaging.package import package
from tools.packaging.target import HOST

pytestmark = [pytest.mark.deployed, pytest.mark.xdist_group("ministack")]
NAME = "cpor-prod"


@pytest.fixture(scope="module")
def production(deployed_stage: DeployedStage) -> Iterator[Stage]:
    """The stage `prod`, deployed next to the shared one."""
    parameters = {
        "PublicBaseUrl": "https://por.example",
        "Target": "emulator",
        "SecretsPrefix": "/cpor/prod",
        "MailFrom": "por@por.example",
        "ProgrammeMail": "desk@por.example",
    }
    update = StackUpdate(NAME, package("prod", HOST), deployment.ARTEFACTS, parameters, poll=0.05)
    stack.deploy(update, deployed_stage.client)
    stage = Stage("prod", NAME, deployed_stage.aws_endpoint)
    stage._clients = {
        name: deployed_stage.client(name) for name in ("cloudformation", "lambda", "cognito-idp")
    }
    yield stage
    deployed_stage.client("cloudformation").delete_stack(StackName=NAME)


def somebody(stage: Stage, who: str, role: str, **attributes: str) -> str:
    """A user that an operator has made; only the second factor is left out, which no program here
    has.
    """
    people, pool = stage.client("cognito-idp"), stage.output("UserPoolId")
    parameters = [
        {"Name": key.replace("__", ":"), "Value": value}
        for key, value in {"email": who, **attributes}.items()
    ]
    people.set_user_pool_mfa_config(UserPoolId=pool, MfaConfiguration="OFF")
    people.admin_create_user(
        UserPoolId=pool, Username=who, UserAttributes=parameters, TemporaryPassword=PASSWORD
    )
    people.admin_set_user_password(UserPoolId=pool, Username=who, Password=PASSWORD, Permanent=True)
    people.admin_add_user_to_group(UserPoolId=pool, Username=who, GroupName=role)
    return who


@pytest.fixture(scope="module")
def tokens(production: Stage) -> Tokens:
    """How the deployed API verifies callers; only the keys' address is the emulator's."""
    chosen = production.settings_of("APIHandler")
    assert chosen.jwks_url == f"{chosen.oidc_issuer}/.well-known/jwks.json"
    keys = f"{production.endpoint}/{production.output('UserPoolId')}/.well-known/jwks.json"
    return Tokens(chosen, make_fetcher(keys, allow_http=True))


def verify_token(tokens: Tokens, token: str) -> Any:
    return tokens.verify(f"Bearer {token}", datetime.now(UTC))


def test_a_partner_who_signs_in_is_a_partner_here(production, tokens):
    pia = somebody(
        production, "pia@x.example", "incentives_admin", custom__organisation_id="org_x", name="Pia"
    )

    given = sign_in(production, pia, "openid cpor/partner")

    caller = verify_token(tokens, given["access_token"])
    assert (caller.organisation_id, caller.name, caller.roles) == (
        "org_x",
        "Pia",
        {"incentives_admin"},
    )
    with pytest.raises(Unauthenticated):
        verify_token(tokens, given["id_token"])


def test_a_token_for_the_other_part_of_the_service_is_refused(production, tokens):
    rita = somebody(production, "rita@programme.example", "reviewer")

    assert verify_token(
        tokens, sign_in(production, rita, "cpor/reviewer")["access_token"]
    ).roles == {"reviewer"}
    with pytest.raises(Unauthenticated):
        verify_token(tokens, sign_in(production, rita, "cpor/partner")["access_token"])


class WithPassword:
    """A client that names the first password: the emulator makes one that the policy refuses."""

    def __init__(self, client: Any) -> None:
        self._client = client

    def __getattr__(self, name: str) -> Any:
        call = getattr(self._client, name)
        if name != "admin_create_user":
            return call
        return partial(call, TemporaryPassword=PASSWORD)


def test_who_is_invited_signs_in_with_organisation_and_roles(production, tokens):
    pool, people = production.output("UserPoolId"), production.client("cognito-idp")
    users = CognitoUserPool(WithPassword(people), pool)
    uta = User(
        id="usr_1",
        organisation_id="org_u",
        email="uta@u.example",
        name="Uta",
        roles=("incentives_admin", "billing_admin"),
        created_at=datetime.now(UTC),
    )
    people.set_user_pool_mfa_config(UserPoolId=pool, MfaConfiguration="OFF")

    sub = users.invite(uta)
    people.admin_set_user_password(
        UserPoolId=pool, Username=uta.email, Password=PASSWORD, Permanent=True
    )
    caller = verify_token(
        tokens, sign_in(production, uta.email, "openid cpor/partner")["access_token"]
    )
    users.remove(uta)

    assert caller.sub == sub
    assert (caller.organisation_id, caller.name, caller.roles) == (
        "org_u",
        "Uta",
        {"incentives_admin", "billing_admin"},
    )
    assert users.invite(uta.evolve(organisation_id="org_v")) != sub
    with pytest.raises(UserExists):
        users.invite(uta)
    users.remove(uta)
