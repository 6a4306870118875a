"""How the tests call `cpor doctor` and read its findings."""

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

from botocore.exceptions import ClientError
from typer.testing import CliRunner

from chalicelib.runtime.settings import Settings
from cpor.cli import app
from cpor.doctor.finding import Finding
from cpor.stage import Stage

EMULATOR = {
    "AWS_ACCESS_KEY_ID": "test",
    "AWS_SECRET_ACCESS_KEY": "test",
    "AWS_DEFAULT_REGION": "us-east-1",
}
PROD = Settings(
    stage="prod",
    public_base_url="https://por.example/base",
    secrets_prefix="/cpor/prod",
    evidence_bucket="proofs",
    mail_from="por@mail.example",
    configuration_set="cs",
)


class Told(Stage):
    """A stage whose functions were told what a test says, and whose clients a test may bring."""

    def __init__(self, name: str, chosen: Settings, **clients: Any) -> None:
        super().__init__(name)
        self._chosen = chosen
        self._clients = clients

    def settings_of(self, function: str) -> Settings:
        return self._chosen

    def output(self, name: str) -> str:
        return {"EvidenceBucketName": "proofs"}.get(name) or super().output(name)

    def physical_id(self, name: str) -> str:
        return f"arn:{name}" if "Topic" in name else super().physical_id(name)


def doctor(*words: str, **environment: str) -> Any:
    return CliRunner().invoke(app, ["doctor", *words], env=EMULATOR | environment)


def wrong(found: Iterator[Finding]) -> str:
    return "\n".join(f"{one.where}: {one.wrong}" for one in found)


def saying(code: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": code}}, "Asked")


def mails(**answers: Any) -> Any:
    """SES and SNS in good order, but for what a test says."""

    def identity(EmailIdentity: str) -> dict[str, Any]:
        if EmailIdentity not in answers.get("verified", ("mail.example",)):
            raise saying("NotFoundException")
        return {"VerifiedForSendingStatus": True}

    destination = {
        "Enabled": True,
        "MatchingEventTypes": ["DELIVERY", "BOUNCE", "COMPLAINT", *answers.get("more", [])],
    } | answers.get("destination", {})

    def get_suppressed(EmailAddress: str) -> dict[str, Any]:
        if EmailAddress not in answers.get("suppressed", ()):
            raise saying("NotFoundException")
        return {}

    return SimpleNamespace(
        get_suppressed_destination=get_suppressed,
        list_suppressed_destinations=lambda PageSize: {
            "SuppressedDestinationSummaries": list(answers.get("suppressed", ()))
        },
        get_email_identity=identity,
        get_account=lambda: answers.get(
            "account", {"ProductionAccessEnabled": True, "SendingEnabled": True}
        ),
        get_configuration_set_event_destinations=lambda ConfigurationSetName: {
            "EventDestinations": [destination]
        },
    )


def topic(*subscriptions: dict[str, str]) -> Any:
    return SimpleNamespace(
        list_subscriptions_by_topic=lambda TopicArn: {"Subscriptions": list(subscriptions)}
    )
