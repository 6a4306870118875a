"""The table: its indexes, what expires, what can be restored; and whether what is due gets done."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from chalicelib.aws.keys import INDEXES, TABLE
from cpor.doctor.finding import Finding, deploy
from cpor.stage import Stage

LATE = timedelta(minutes=5)  # the sweep looks every minute, and its alarm rings after as long


def snapshot(stage: Stage) -> Iterator[Finding]:
    """Keys, indexes, time to live, point-in-time recovery, protection."""
    name, database = stage.output("TableName"), stage.client("dynamodb")
    where, told = f"table {name}", database.describe_table(TableName=name)["Table"]
    if told["TableStatus"] not in {"ACTIVE", "UPDATING"}:
        yield Finding(
            where,
            f"It is {told['TableStatus']}.",
            "Wait; if it stays so, restore it to an earlier moment (point-in-time recovery).",
        )
    if _keys(told["KeySchema"]) != TABLE:
        yield Finding(
            where,
            f"Its key is {_keys(told['KeySchema'])}, not {TABLE}.",
            "This is another table: see what TABLE_NAME says.",
        )
    yield from _indexes(where, told, stage)
    lives = database.describe_time_to_live(TableName=name)["TimeToLiveDescription"]
    if (lives.get("TimeToLiveStatus"), lives.get("AttributeName")) != ("ENABLED", "expires"):
        yield Finding(
            where,
            "Rows that have expired are not removed (time to live on `expires` is off).",
            deploy(stage),
        )
    backups = database.describe_continuous_backups(TableName=name)["ContinuousBackupsDescription"]
    if (
        backups.get("PointInTimeRecoveryDescription", {}).get("PointInTimeRecoveryStatus")
        != "ENABLED"
    ):
        yield Finding(
            where,
            "It could not be restored to an earlier moment (point-in-time recovery is off).",
            deploy(stage),
        )
    if stage.name == "prod" and not told.get("DeletionProtectionEnabled"):
        yield Finding(
            where,
            "Anybody with the permission can delete it (deletion protection is off).",
            deploy(stage),
        )


def _indexes(where: str, told: dict[str, Any], stage: Stage) -> Iterator[Finding]:
    there = {one["IndexName"]: one for one in told.get("GlobalSecondaryIndexes", [])}
    for index, keys in INDEXES.items():
        if index not in there:
            yield Finding(where, f"It has no index `{index}`.", deploy(stage))
        elif _keys(there[index]["KeySchema"]) != keys:
            yield Finding(
                where,
                f"Its index `{index}` is over {_keys(there[index]['KeySchema'])}, not {keys}.",
                deploy(stage),
            )
        elif there[index].get("IndexStatus", "ACTIVE") != "ACTIVE":
            yield Finding(
                where,
                f"Its index `{index}` is {there[index]['IndexStatus']}.",
                "Wait until it is filled.",
            )


def _keys(schema: list[dict[str, str]]) -> tuple[str, ...]:
    return tuple(one["AttributeName"] for one in sorted(schema, key=lambda one: one["KeyType"]))


def deadlines(stage: Stage) -> Iterator[Finding]:
    """How long the oldest deadline has been waiting. A sandbox has its own clock."""
    from chalicelib.aws.rows import Rows
    from chalicelib.aws.sandbox import TestClock
    from chalicelib.aws.store import DynamoStore
    from chalicelib.runtime.wiring import SystemClock, run_parallel

    rows = Rows(stage.client("dynamodb"), stage.output("TableName"))
    real = SystemClock().now
    now = real() if stage.name == "prod" else TestClock(rows, real).now()
    for some_id, due in DynamoStore(rows, run_parallel).queues.list_due(now - LATE, 1):
        yield Finding(
            "deadlines",
            f"{some_id} has been due since {due:%Y-%m-%d %H:%M} UTC, for {_spoken(now - due)}.",
            "See that the schedule runs, then whether it is a dead letter: cpor tasks list. docs/operations.md, sweep.",
        )


def _spoken(length: timedelta) -> str:
    minutes = int(length.total_seconds()) // 60
    return (
        f"{minutes} minutes"
        if minutes < 120
        else f"{minutes // 60} hours"
        if minutes < 2880
        else f"{minutes // 1440} days"
    )
