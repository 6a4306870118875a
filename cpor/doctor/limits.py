"""Limits of the account and throttling: the functions fit in, and nothing was held up lately."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from chalicelib.aws.keys import INDEXES
from cpor.doctor.finding import FUNCTIONS, SOURCES, Finding, deploy
from cpor.stage import Stage

# Functions at the same time that are left for the API and the sweep when both queues are full. A
# new account has 10 in all, an established one 1,000 (Lambda quotas).
SHARE_OF_API = 100
LAST_HOUR = timedelta(hours=1)
RAISE = (
    "Ask for more: aws service-quotas request-service-quota-increase --service-code lambda "
    "--quota-code L-B99A9384 --desired-value 1000. Until then: "
)


class Metric(NamedTuple):
    """A metric of CloudWatch that counts throttled calls. `of`: what was throttled."""

    of: str
    namespace: str
    name: str
    dimensions: dict[str, str]


def check(stage: Stage) -> Iterator[Finding]:
    """Check the account's limit of functions, and what was throttled in the last hour."""
    yield from _check_concurrency(stage)
    cloudwatch, now = stage.client("cloudwatch"), datetime.now(UTC)
    for metric in _list_metrics(stage):
        if count := _sum_last_hour(cloudwatch, metric, now):
            wrong = f"{count:,.0f} calls were throttled in the last hour."
            yield Finding(metric.of, wrong, "docs/operations.md, backlog.")


def _check_concurrency(stage: Stage) -> Iterator[Finding]:
    limits = stage.client("lambda").get_account_settings()["AccountLimit"]
    unreserved = int(limits["UnreservedConcurrentExecutions"])
    readers = sum(_find_maximum(stage, function) for function in SOURCES)
    if unreserved < readers + SHARE_OF_API:
        wrong = (
            f"The account runs {unreserved} functions at once; its queues may take {readers}, "
            f"and the API needs {SHARE_OF_API}."
        )
        fewer = deploy(stage, "'WorkersAtOnce=… MailEventsAtOnce=… WebhooksAtOnce=…'")
        yield Finding("concurrency of Lambda", wrong, RAISE + fewer)


def _find_maximum(stage: Stage, function: str) -> int:
    """Return how many of a function read its queue at most."""
    answer = stage.client("lambda").list_event_source_mappings(
        FunctionName=stage.physical_id(function)
    )
    scaling = (one.get("ScalingConfig", {}) for one in answer["EventSourceMappings"])
    return sum(int(one.get("MaximumConcurrency", 0)) for one in scaling)


def _list_metrics(stage: Stage) -> Iterator[Metric]:
    for function in FUNCTIONS:
        dimensions = {"FunctionName": stage.physical_id(function)}
        yield Metric(f"function {function}", "AWS/Lambda", "Throttles", dimensions)
    table = {"TableName": stage.output("TableName")}
    for name in ("WriteThrottleEvents", "ReadThrottleEvents"):
        yield Metric(f"table {table['TableName']}", "AWS/DynamoDB", name, table)
    for index in INDEXES:
        dimensions = table | {"GlobalSecondaryIndexName": index}
        yield Metric(f"index `{index}`", "AWS/DynamoDB", "WriteThrottleEvents", dimensions)


def _sum_last_hour(cloudwatch: Any, metric: Metric, now: datetime) -> float:
    answer = cloudwatch.get_metric_statistics(
        Namespace=metric.namespace,
        MetricName=metric.name,
        Dimensions=[{"Name": name, "Value": value} for name, value in metric.dimensions.items()],
        StartTime=now - LAST_HOUR,
        EndTime=now,
        Period=int(LAST_HOUR.total_seconds()),
        Statistics=["Sum"],
    )
    return float(sum(point["Sum"] for point in answer["Datapoints"]))
