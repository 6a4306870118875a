"""Roll an update back by itself when the alarms of the stage go off during or after it.

CloudFormation watches the alarms ("rollback triggers") and restores the previous version of every
resource, the functions among them, while the old ones are still there.
"""

from collections.abc import Container
from typing import Any

from tools.deployment.stack import Clients

# The failures that a bad version causes within minutes. Five are the most that CloudFormation
# watches (API reference, RollbackConfiguration). Backlogs and mails have other causes as well.
WATCHED = (
    "ApiErrorsAlarm",
    "ApiFaultsAlarm",
    "WorkerErrorsAlarm",
    "MailEventsErrorsAlarm",
    "SweepErrorsAlarm",
)
# These alarms need three minutes with a failure; metrics and their evaluation take two or three
# minutes more. At most 180 (API reference, RollbackConfiguration).
MINUTES_WATCHED = 6
MOST_MINUTES = 180


def make_configuration(
    stack_name: str, resources: Container[str], minutes: int, clients: Clients
) -> dict[str, Any]:
    """Return the `RollbackConfiguration` of an update, which replaces that of the last one.

    An alarm that has gone off already is left out: the update may be its remedy. So is an alarm
    that does not exist before or after the update, since CloudFormation refuses a missing one.

    Args:
        stack_name: a stack that exists.
        resources: the logical ids of the template that is to be deployed.
        minutes: how long to watch after the update; 0 watches nothing.
        clients: to find the alarms with.
    """
    if not minutes:
        return {"RollbackTriggers": [], "MonitoringTimeInMinutes": 0}
    names = _find_names(clients("cloudformation"), stack_name, resources)
    alarms = _describe(clients("cloudwatch"), names)
    if ringing := sorted(alarm["AlarmName"] for alarm in alarms if alarm["StateValue"] == "ALARM"):
        print(f"Not watched, because they have gone off already: {', '.join(ringing)}.")
    triggers = [
        {"Arn": alarm["AlarmArn"], "Type": "AWS::CloudWatch::Alarm"}
        for alarm in alarms
        if alarm["StateValue"] != "ALARM"
    ]
    return {"RollbackTriggers": triggers, "MonitoringTimeInMinutes": minutes if triggers else 0}


def _find_names(cloudformation: Any, stack_name: str, resources: Container[str]) -> list[str]:
    """Return the names of the watched alarms that the stack has and the template keeps."""
    pages = cloudformation.get_paginator("list_stack_resources").paginate(StackName=stack_name)
    return [
        one["PhysicalResourceId"]
        for page in pages
        for one in page["StackResourceSummaries"]
        if one["LogicalResourceId"] in WATCHED and one["LogicalResourceId"] in resources
    ]


def _describe(cloudwatch: Any, names: list[str]) -> list[dict[str, Any]]:
    # Without names the call would describe every alarm of the account.
    found = cloudwatch.describe_alarms(AlarmNames=names)["MetricAlarms"] if names else []
    return sorted(found, key=lambda one: str(one["AlarmName"]))
