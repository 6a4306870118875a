"""The schedule: every minute, enabled, and allowed to start the sweep."""

import json
from collections.abc import Iterator
from typing import Any

from cpor.doctor.finding import Finding, deploy
from cpor.stage import Stage

RULE, FUNCTION, EXPRESSION = "SweepSweepEvent", "Sweep", "rate(1 minute)"
WHERE = "schedule of Sweep"


def check(stage: Stage) -> Iterator[Finding]:
    """Check the rule, its target, the target's dead letters, and the permission."""
    name, events = stage.physical_id(RULE), stage.client("events")
    rule, function = events.describe_rule(Name=name), stage.configuration(FUNCTION)
    if rule["State"] != "ENABLED":
        wrong = "It is disabled: no deadline is ever noticed."
        yield Finding(WHERE, wrong, f"aws events enable-rule --name {name}")
    if rule.get("ScheduleExpression") != EXPRESSION:
        wrong = f"It runs {rule.get('ScheduleExpression') or 'never'}, not {EXPRESSION}."
        yield Finding(WHERE, wrong, deploy(stage))
    targets = events.list_targets_by_rule(Rule=name)["Targets"]
    ours = [target for target in targets if target["Arn"] == function["FunctionArn"]]
    if not ours:
        wrong = "It starts nothing: the function Sweep is not its target."
        yield Finding(WHERE, wrong, deploy(stage))
    if any("DeadLetterConfig" not in target for target in ours):
        wrong = "A failed start is lost without a trace: its target has no dead-letter queue."
        yield Finding(WHERE, wrong, deploy(stage))
    if not _may_invoke(stage, function["FunctionName"], rule["Arn"]):
        yield Finding(WHERE, "It may not start the function Sweep.", deploy(stage))


def _may_invoke(stage: Stage, function: str, rule: str) -> bool:
    answer = stage.client("lambda").get_policy(FunctionName=function)
    policy: dict[str, Any] = json.loads(answer["Policy"])
    return any(
        statement["Effect"] == "Allow"
        and statement.get("Principal") == {"Service": "events.amazonaws.com"}
        and _is_about(statement, rule)
        for statement in policy["Statement"]
    )


def _is_about(statement: dict[str, Any], rule: str) -> bool:
    """Return whether a statement is about this rule; without a condition it is about all."""
    sources = [
        value
        for operator in statement.get("Condition", {}).values()
        for key, value in operator.items()
        if key.lower() == "aws:sourcearn"
    ]
    return not sources or rule in sources
