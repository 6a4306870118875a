"""Mail and alarms: whether customers can be written to, whether what became of it comes back, and
who is woken.
"""

from collections.abc import Iterator
from typing import Any

from chalicelib.runtime.settings import Settings
from cpor.doctor.finding import Finding, deploy
from cpor.stage import Stage

NEEDED = frozenset({"DELIVERY", "BOUNCE", "COMPLAINT"})


def snapshot(stage: Stage) -> Iterator[Finding]:
    """The sender is verified, SES really sends, and its events reach the queue.

    A sandbox sends nothing.
    """
    chosen = stage.settings_of("Worker")
    if chosen.sandbox:
        return
    mails = stage.client("sesv2")
    domain = chosen.mail_from.rpartition("@")[2]
    if not any(_verified(mails, identity) for identity in (chosen.mail_from, domain)):
        yield Finding(
            "mail",
            f"SES has verified neither {chosen.mail_from} nor {domain}: no notice can be sent.",
            f"aws sesv2 create-email-identity --email-identity {domain}, then set its DNS records.",
        )
    account = mails.get_account()
    if not account.get("ProductionAccessEnabled", True):
        yield Finding(
            "mail",
            "SES is still in its own sandbox: it writes to verified addresses only.",
            "Ask AWS for production access.",
        )
    if not account.get("SendingEnabled", True):
        yield Finding(
            "mail",
            "SES sends nothing for this account.",
            "See the account dashboard of SES for the reason.",
        )
    yield from _events(stage, mails, chosen)


def alarms(stage: Stage) -> Iterator[Finding]:
    """In production somebody is woken, and has said yes to it."""
    if stage.name != "prod":
        return
    subscribed = stage.client("sns").list_subscriptions_by_topic(
        TopicArn=stage.physical("AlarmTopic")
    )["Subscriptions"]
    if not subscribed:
        yield Finding(
            "alarms",
            "Nobody is told of them.",
            f"make deploy STAGE={stage.name} BUCKET=… SET=AlarmMail=you@example.com",
        )
    for one in subscribed:
        if "arn:" not in one["SubscriptionArn"]:
            yield Finding(
                "alarms",
                f"{one['Endpoint']} has not confirmed that it wants them.",
                "Click the link in the mail from AWS.",
            )


def _verified(mails: Any, identity: str) -> bool:
    from botocore.exceptions import ClientError

    try:
        return bool(mails.get_email_identity(EmailIdentity=identity)["VerifiedForSendingStatus"])
    except ClientError as refused:
        if "NotFound" not in refused.response["Error"]["Code"]:
            raise
        return False


def _events(stage: Stage, mails: Any, chosen: Settings) -> Iterator[Finding]:
    """Without these no notice ever counts as delivered."""
    if not chosen.configuration_set:
        yield Finding(
            "mail", "What becomes of a mail is not told: CONFIGURATION_SET is empty.", deploy(stage)
        )
        return
    told = mails.get_configuration_set_event_destinations(
        ConfigurationSetName=chosen.configuration_set
    )["EventDestinations"]
    kinds = {kind for one in told if one.get("Enabled") for kind in one["MatchingEventTypes"]}
    if lacking := sorted(NEEDED - kinds):
        yield Finding(
            "mail",
            f"The configuration set {chosen.configuration_set} does not tell of {', '.join(lacking).lower()}: "
            "no notice would count as delivered.",
            deploy(stage),
        )
    subscribed = stage.client("sns").list_subscriptions_by_topic(
        TopicArn=stage.physical("MailTopic")
    )["Subscriptions"]
    if not any(one["Protocol"] == "sqs" for one in subscribed):
        yield Finding(
            "mail",
            "What SES says of mails does not reach the queue MailEventsQueue.",
            deploy(stage),
        )
