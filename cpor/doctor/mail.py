"""Mail and alarms: customers can be written to, delivery is reported, alarms reach someone."""

from collections.abc import Iterator
from typing import Any

from botocore.exceptions import ClientError

from chalicelib.runtime.settings import Settings
from cpor.doctor.finding import Finding, deploy
from cpor.stage import Stage

REQUIRED_EVENTS = frozenset({"DELIVERY", "BOUNCE", "COMPLAINT"})
TOPICS = {"AlarmTopic": "AlarmMail", "NoticeTopic": "NoticeMail"}  # and who subscribes
QUOTA_SHARE = 0.8  # of the day's quota of mails that is used up before the doctor complains
TAKE_OFF = "aws sesv2 delete-suppressed-destination --email-address"


def check(stage: Stage) -> Iterator[Finding]:
    """Check that the sender is verified, SES sends, and its events reach the queue.

    A sandbox sends nothing.
    """
    chosen = stage.settings_of("Worker")
    if chosen.sandbox:
        return
    ses = stage.client("sesv2")
    yield from _check_sender(ses, chosen.mail_from)
    yield from _check_account(ses.get_account())
    yield from _check_events(stage, ses, chosen)


def check_suppressed(stage: Stage) -> Iterator[Finding]:
    """Check the addresses that SES refuses to write to because they bounced or complained once."""
    chosen = stage.settings_of("Worker")
    if chosen.sandbox:
        return
    ses = stage.client("sesv2")
    if _is_suppressed(ses, chosen.programme_mail):
        wrong = f"SES sends nothing to {chosen.programme_mail}: warnings and escalations are lost."
        advice = f"Repair the mailbox, then: {TAKE_OFF} {chosen.programme_mail}"
        yield Finding("suppressed addresses", wrong, advice)
    page = ses.list_suppressed_destinations(PageSize=1000)
    if count := len(page["SuppressedDestinationSummaries"]):
        more = " or more" if page.get("NextToken") else ""
        wrong = f"SES refuses {count}{more} addresses that bounced or complained once."
        advice = f"When a mailbox works again: {TAKE_OFF} … (docs/operations.md, mail)."
        yield Finding("suppressed addresses", wrong, advice, note=True)


def check_alarms(stage: Stage) -> Iterator[Finding]:
    """Check that alarms of production have a confirmed subscriber."""
    if stage.name != "prod":
        return
    for topic, parameter in TOPICS.items():
        subscriptions = _subscriptions(stage, topic)
        if not subscriptions:
            advice = deploy(stage, f"{parameter}=you@example.com")
            yield Finding("alarms", f"No address receives those of {topic}.", advice)
        for subscription in subscriptions:
            if "arn:" not in subscription["SubscriptionArn"]:
                yield Finding(
                    "alarms",
                    f"{subscription['Endpoint']} has not confirmed the subscription to {topic}.",
                    "Click the link in the mail from AWS.",
                )


def _check_sender(ses: Any, sender: str) -> Iterator[Finding]:
    domain = sender.rpartition("@")[2]
    if not any(_is_verified(ses, identity) for identity in (sender, domain)):
        create = f"aws sesv2 create-email-identity --email-identity {domain}"
        yield Finding(
            "mail",
            f"SES has verified neither {sender} nor {domain}: no notice can be sent.",
            f"{create}, then set its DNS records.",
        )


def _check_account(account: dict[str, Any]) -> Iterator[Finding]:
    if not account.get("ProductionAccessEnabled", True):
        yield Finding(
            "mail",
            "SES is still in its own sandbox: it sends to verified addresses only.",
            "Ask AWS for production access.",
        )
    if not account.get("SendingEnabled", True):
        yield Finding(
            "mail",
            "SES sends nothing for this account.",
            "Read the reason on the account dashboard of SES.",
        )
    if (status := account.get("EnforcementStatus", "HEALTHY")) != "HEALTHY":
        wrong = f"AWS has put the account's mail under {status.lower()}."
        yield Finding(
            "mail", wrong, "Answer the case that AWS has opened; docs/operations.md, mail."
        )
    yield from _check_quota(account.get("SendQuota", {}))


def _check_quota(quota: dict[str, float]) -> Iterator[Finding]:
    """Check that the day's quota is not nearly used up. -1 means that there is none."""
    most, sent = quota.get("Max24HourSend", -1), quota.get("SentLast24Hours", 0)
    if 0 <= most * QUOTA_SHARE <= sent:
        wrong = f"{sent:,.0f} of {most:,.0f} mails that SES sends in 24 hours are used up."
        advice = "Ask AWS for a higher quota. Mails above it are sent later, by themselves."
        yield Finding("mail", wrong, advice)


def _is_suppressed(ses: Any, address: str) -> bool:
    try:
        ses.get_suppressed_destination(EmailAddress=address)
    except ClientError as error:
        if "NotFound" not in error.response["Error"]["Code"]:
            raise
        return False
    return True


def _is_verified(ses: Any, identity: str) -> bool:
    try:
        return bool(ses.get_email_identity(EmailIdentity=identity)["VerifiedForSendingStatus"])
    except ClientError as error:
        if "NotFound" not in error.response["Error"]["Code"]:
            raise
        return False


def _check_events(stage: Stage, ses: Any, chosen: Settings) -> Iterator[Finding]:
    """Check that delivery is reported: otherwise no notice counts as delivered."""
    name = chosen.configuration_set
    if not name:
        wrong = "Delivery of mails is not reported: CONFIGURATION_SET is empty."
        yield Finding("mail", wrong, deploy(stage))
        return
    destinations = ses.get_configuration_set_event_destinations(ConfigurationSetName=name)
    events = {
        event
        for destination in destinations["EventDestinations"]
        if destination.get("Enabled")
        for event in destination["MatchingEventTypes"]
    }
    if missing := sorted(REQUIRED_EVENTS - events):
        wrong = f"The configuration set {name} does not report {', '.join(missing).lower()}: "
        yield Finding("mail", wrong + "no notice would count as delivered.", deploy(stage))
    if not any(one["Protocol"] == "sqs" for one in _subscriptions(stage, "MailTopic")):
        wrong = "The events of SES do not reach the queue MailEventsQueue."
        yield Finding("mail", wrong, deploy(stage))


def _subscriptions(stage: Stage, topic: str) -> list[dict[str, str]]:
    answer = stage.client("sns").list_subscriptions_by_topic(TopicArn=stage.physical_id(topic))
    return list(answer["Subscriptions"])
