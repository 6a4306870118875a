"""Secrets: read seldom, changed without breaking what is open, and ended at once when that is
wanted.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import boto3
import pytest
from moto import mock_aws
from typer.testing import CliRunner

from chalicelib.aws.secrets import CACHE_SECONDS, OVERLAP_SECONDS, SsmSecrets
from chalicelib.runtime.settings import Settings
from cpor import secrets
from cpor.cli import app
from cpor.doctor.secrets import NAMES
from cpor.errors import CommandError
from tests.support.embedded_aws import ENVIRONMENT

CHANGED = datetime(2026, 11, 20, tzinfo=UTC).timestamp()


class Store:
    """Parameter Store with versions, the last of them written at CHANGED; counts who asks."""

    def __init__(self, *values: str) -> None:
        self.values = values
        self.asked: list[str] = []

    def get_parameter(self, Name: str, WithDecryption: bool) -> Any:
        assert WithDecryption
        self.asked.append(Name)
        number = int(Name.partition(":")[2] or len(self.values))
        return {
            "Parameter": {
                "Value": self.values[number - 1],
                "Version": number,
                "LastModifiedDate": datetime.fromtimestamp(CHANGED, UTC),
            }
        }


def a_while_later(store: Store, seconds: float) -> SsmSecrets:
    return SsmSecrets(store, "/cpor/prod/", now=lambda: CHANGED + seconds)


def test_a_secret_is_read_once_in_five_minutes():
    store, ticks = Store("aa"), [0.0]
    kept = SsmSecrets(store, "/cpor/prod", monotonic=lambda: ticks[0])

    for ticks[0] in (1.0, 2.0, CACHE_SECONDS, CACHE_SECONDS + 2.0, CACHE_SECONDS + 3.0):
        assert kept.link_key() == b"\xaa"

    assert store.asked == ["/cpor/prod/link-key"] * 2


def test_after_a_change_the_one_before_is_recognised_for_a_week():
    store = Store("aa", "bb", "cc")

    assert list(a_while_later(store, OVERLAP_SECONDS - 1).cursor_keys()) == [b"\xcc", b"\xbb"]
    assert list(a_while_later(store, OVERLAP_SECONDS).cursor_keys()) == [b"\xcc"]
    assert a_while_later(store, 1).cursor_key() == b"\xcc"


def test_the_one_before_is_not_even_read_while_the_current_one_will_do():
    store = Store("aa", "bb")

    first = next(iter(a_while_later(store, 1).webhook_keys()))

    assert (first, store.asked) == (b"\xbb", ["/cpor/prod/webhook-key"])


def test_a_secret_that_was_never_changed_has_no_other():
    assert list(a_while_later(Store("aa"), 1).link_keys()) == [b"\xaa"]


@pytest.mark.parametrize(("number", "key"), [(0, None), (1, b"\xaa"), (3, b"\xcc"), (4, None)])
def test_the_keys_of_links_are_kept_as_long_as_links_live(number, key):
    kept = a_while_later(Store("aa", "bb", "cc"), 400 * 86_400)

    assert kept.token_key() == (3, b"\xcc")
    assert kept.find_token_key(number) == key


@pytest.fixture
def stage(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """What the commands need of a deployed stage, over an engine that keeps versions."""
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    with mock_aws():
        settings = Settings(stage="prod", secrets_prefix="/cpor/prod")
        yield SimpleNamespace(
            name="prod", client=boto3.client, settings_of=lambda function: settings, outputs={}
        )


def test_what_is_missing_is_made_once_and_can_be_used(stage):
    made, again = secrets.create_missing(stage), secrets.create_missing(stage)

    kept = SsmSecrets(stage.client("ssm"), "/cpor/prod")
    assert (sorted(made), again) == (sorted(f"/cpor/prod/{name}" for name in NAMES), ())
    assert len(
        {kept.link_key(), kept.cursor_key(), *kept.webhook_keys(), kept.signing_key().secret}
    ) == len(NAMES)
    assert len(kept.link_key()) == 32


def test_a_changed_key_and_the_one_before_are_both_recognised_and_after_two_changes_no_more(stage):
    secrets.create_missing(stage)
    store = stage.client("ssm")
    first = SsmSecrets(store, "/cpor/prod").link_key()

    assert secrets.replace(stage, "link-key") == 2
    second, before = SsmSecrets(store, "/cpor/prod").link_keys()
    secrets.replace(stage, "link-key")

    assert before == first
    assert second != first
    assert first not in SsmSecrets(store, "/cpor/prod").link_keys()


def test_a_name_that_is_none_and_a_sandbox_are_refused(stage):
    with pytest.raises(CommandError, match="no secret link"):
        secrets.replace(stage, "link")
    stage.settings_of = lambda function: Settings(stage="sandbox")
    with pytest.raises(CommandError, match="keeps its own"):
        secrets.create_missing(stage)


def test_the_secret_that_the_user_pool_made_is_copied(stage):
    asked = {"UserPoolId": "pool", "ClientId": "client"}
    pool = SimpleNamespace(
        describe_user_pool_client=lambda **settings: {
            "UserPoolClient": {"ClientSecret": "made by the pool" if settings == asked else ""}
        }
    )
    ssm = stage.client("ssm")
    stage.client = lambda name: ssm if name == "ssm" else pool
    stage.outputs = {"UserPoolId": "pool", "PagesClientId": "client"}
    stage.output = stage.outputs.get

    assert "/cpor/prod/oidc-client-secret" in secrets.create_missing(stage)

    kept = SsmSecrets(stage.client("ssm"), "/cpor/prod")
    assert kept.oidc_client_secret() == "made by the pool"
    assert secrets.create_missing(stage) == ()


def test_where_there_is_no_stack_the_command_says_so(stage):
    ended = CliRunner().invoke(app, ["secrets", "make"])

    assert ended.exit_code == 2
    assert (
        "no APIHandler" in ended.stderr
        or "no stack" in ended.stderr
        or "does not exist" in ended.stderr
    )
