"""The schedule: every minute, switched on, and allowed to start the sweep."""

import json
from collections.abc import Iterator
from typing import Any

from cpor.doctor.finding import Finding, deploy
from cpor.stage import Stage

RULE, FUNCTION, EVERY = "SweepSweepEvent", "Sweep", "rate(1 minute)"


def snapshot(stage: Stage) -> Iterator[Finding]:
    """The rule, its target, the target's dead letters, and the permission."""
    name, events, where = stage.physical(RULE), stage.client("events"), "schedule of Sweep"
    rule = events.describe_rule(Name=name)
    if rule["State"] != "ENABLED":
        yield Finding(
            where,
            "It is switched off: no deadline is ever noticed.",
            f"aws events enable-rule --name {name}",
        )
    if rule.get("ScheduleExpression") != EVERY:
        yield Finding(
            where,
            f"It runs {rule.get('ScheduleExpression') or 'never'}, not {EVERY}.",
            deploy(stage),
        )
    function = stage.client("lambda").get_function_configuration(
        FunctionName=stage.physical(FUNCTION)
    )
    targets = [
        one
        for one in events.list_targets_by_rule(Rule=name)["Targets"]
        if one["Arn"] == function["FunctionArn"]
    ]
    if not targets:
        yield Finding(
            where, "It starts nothing: the function Sweep is not its target.", deploy(stage)
        )
    if any("DeadLetterConfig" not in one for one in targets):
        yield Finding(
            where,
            "A start that fails is lost without a trace: its target has no dead letters.",
            deploy(stage),
        )
    if not _allowed(stage, function["FunctionName"], rule["Arn"]):
        yield Finding(where, "It may not start the function Sweep.", deploy(stage))


def _allowed(stage: Stage, function: str, rule: str) -> bool:
    policy: dict[str, Any] = json.loads(
        stage.client("lambda").get_policy(FunctionName=function)["Policy"]
    )
    return any(
        one["Effect"] == "Allow"
        and one.get("Principal") == {"Service": "events.amazonaws.com"}
        and _names(one, rule)
        for one in policy["Statement"]
    )


def _names(statement: dict[str, Any], rule: str) -> bool:
    """Whether a statement is about this rule; one without a condition is about every rule."""
    sources = [
        value
        for operator in statement.get("Condition", {}).values()
        for key, value in operator.items()
        if key.lower() == "aws:sourcearn"
    ]
    return not sources or rule in sources
