"""The table: indexes, expiry, backups; and whether what is due is processed."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from chalicelib.aws.keys import INDEXES, TABLE
from chalicelib.aws.rows import Rows
from chalicelib.aws.sandbox import TestClock
from chalicelib.aws.store import DynamoStore
from chalicelib.runtime.wiring import SystemClock, run_parallel
from cpor.doctor.finding import Finding, deploy
from cpor.stage import Stage

LATE = timedelta(minutes=5)  # the sweep runs every minute; its alarm waits as long


def check(stage: Stage) -> Iterator[Finding]:
    """Check keys, indexes, time to live, point-in-time recovery, and deletion protection."""
    name, dynamodb = stage.output("TableName"), stage.client("dynamodb")
    where, table = f"table {name}", dynamodb.describe_table(TableName=name)["Table"]
    if table["TableStatus"] not in {"ACTIVE", "UPDATING"}:
        advice = "Wait; if it stays so, restore an earlier state (point-in-time recovery)."
        yield Finding(where, f"It is {table['TableStatus']}.", advice)
    if _key_names(table["KeySchema"]) != TABLE:
        wrong = f"Its key is {_key_names(table['KeySchema'])}, not {TABLE}."
        yield Finding(where, wrong, "This is another table: check TABLE_NAME.")
    yield from _check_indexes(where, table, stage)
    yield from _check_expiry(where, dynamodb.describe_time_to_live(TableName=name), stage)
    yield from _check_backups(where, dynamodb.describe_continuous_backups(TableName=name), stage)
    if stage.name == "prod" and not table.get("DeletionProtectionEnabled"):
        wrong = "Everyone with the permission can delete it (deletion protection is off)."
        yield Finding(where, wrong, deploy(stage))


def check_deadlines(stage: Stage) -> Iterator[Finding]:
    """Check how long the oldest deadline has been waiting. A sandbox has its own clock."""
    rows = Rows(stage.client("dynamodb"), stage.output("TableName"))
    real = SystemClock().now
    now = real() if stage.name == "prod" else TestClock(rows, real).now()
    for some_id, due in DynamoStore(rows, run_parallel).queues.list_due(now - LATE, 1):
        late = _format_duration(now - due)
        yield Finding(
            "deadlines",
            f"{some_id} has been due since {due:%Y-%m-%d %H:%M} UTC, for {late}.",
            "Check that the schedule runs, then whether it is a dead letter: cpor tasks list. "
            "docs/operations.md, sweep.",
        )


def _check_indexes(where: str, table: dict[str, Any], stage: Stage) -> Iterator[Finding]:
    indexes = {index["IndexName"]: index for index in table.get("GlobalSecondaryIndexes", [])}
    for name, keys in INDEXES.items():
        if name not in indexes:
            yield Finding(where, f"It has no index `{name}`.", deploy(stage))
            continue
        found, status = _key_names(indexes[name]["KeySchema"]), indexes[name].get("IndexStatus")
        if found != keys:
            yield Finding(where, f"Its index `{name}` is over {found}, not {keys}.", deploy(stage))
        elif status not in {None, "ACTIVE"}:
            yield Finding(where, f"Its index `{name}` is {status}.", "Wait until it is filled.")


def _check_expiry(where: str, answer: dict[str, Any], stage: Stage) -> Iterator[Finding]:
    expiry = answer["TimeToLiveDescription"]
    if (expiry.get("TimeToLiveStatus"), expiry.get("AttributeName")) != ("ENABLED", "expires"):
        wrong = "Expired rows are not removed (time to live on `expires` is off)."
        yield Finding(where, wrong, deploy(stage))


def _check_backups(where: str, answer: dict[str, Any], stage: Stage) -> Iterator[Finding]:
    backups = answer["ContinuousBackupsDescription"].get("PointInTimeRecoveryDescription", {})
    if backups.get("PointInTimeRecoveryStatus") != "ENABLED":
        wrong = "No earlier state could be restored (point-in-time recovery is off)."
        yield Finding(where, wrong, deploy(stage))


def _key_names(schema: list[dict[str, str]]) -> tuple[str, ...]:
    return tuple(key["AttributeName"] for key in sorted(schema, key=lambda key: key["KeyType"]))


def _format_duration(duration: timedelta) -> str:
    minutes = int(duration.total_seconds()) // 60
    if minutes < 120:
        return f"{minutes} minutes"
    hours = minutes // 60
    return f"{hours} hours" if hours < 48 else f"{hours // 24} days"
