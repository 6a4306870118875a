"""A stack brought up to a template by a change set: shown first, then carried out, or given up.

What holds people's data is never replaced or removed in passing: such a change must be agreed to by
name.
"""

import time
from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

from tools.errors import CannotGoOn

PRECIOUS = frozenset({"AWS::DynamoDB::Table", "AWS::S3::Bucket", "AWS::Cognito::UserPool"})
NOTHING = ("didn't contain changes", "No updates are to be performed")
SECONDS_TO_COMPARE = 300.0


class Change(NamedTuple):
    """One resource that will change.

    `action`: Add, Modify, Remove; `replaced`: True, False or Conditional.
    """

    action: str
    name: str
    kind: str
    replaced: str = "False"

    @property
    def loses_data(self) -> bool:
        return self.kind in PRECIOUS and (self.action == "Remove" or self.replaced != "False")

    def __str__(self) -> str:
        replaced = {"True": ", replaced", "Conditional": ", perhaps replaced"}.get(
            self.replaced, ""
        )
        return f"{self.action:<8}{self.name} ({self.kind}{replaced})"


Seen = Callable[[tuple[Change, ...]], None]


def carried_out(
    cloudformation: Any, ordered: Mapping[str, Any], new: bool, seen: Seen, pause: float
) -> str:
    """Makes a change set of what is `ordered`, shows it to `seen`, and starts to carry it out.

    Answers the stack's id, empty when nothing changes. Whatever `seen` raises, nothing is changed
    and nothing is left.
    """
    name = f"change-{time.time_ns()}"
    asked = {**ordered, "ChangeSetName": name, "ChangeSetType": "CREATE" if new else "UPDATE"}
    made = cloudformation.create_change_set(
        **asked, **({"OnStackFailure": "DELETE"} if new else {})
    )
    try:
        told = _compared(cloudformation, made["Id"], pause)
        if told is None:
            cloudformation.delete_change_set(ChangeSetName=made["Id"])
            return ""
        seen(told)
    except CannotGoOn:
        cloudformation.delete_change_set(ChangeSetName=made["Id"])
        if new:  # the empty stack that was made to hold the change set
            cloudformation.delete_stack(StackName=made["StackId"])
        raise
    cloudformation.execute_change_set(ChangeSetName=made["Id"])
    return str(made["StackId"])


def harmless(changes: Iterable[Change], confirmed: bool) -> None:
    """Raises CannotGoOn if data would be lost and nobody agreed to that."""
    lost = [str(one) for one in changes if one.loses_data]
    if lost and not confirmed:
        raise CannotGoOn(
            "This would lose what people have stored:\n" + "\n".join(lost),
            "If that is meant, make a backup, then say so: make deploy … CONFIRM=<stage>. docs/operations.md, Backups.",
        )


def _compared(cloudformation: Any, change_set: str, pause: float) -> tuple[Change, ...] | None:
    """The changes once AWS has worked them out; None if there are none."""
    until = time.monotonic() + SECONDS_TO_COMPARE
    while True:
        told = cloudformation.describe_change_set(ChangeSetName=change_set)
        if told["Status"] == "CREATE_COMPLETE":
            return tuple(
                _change(one["ResourceChange"]) for one in _all(cloudformation, change_set, told)
            )
        if told["Status"] == "FAILED" and any(
            words in told.get("StatusReason", "") for words in NOTHING
        ):
            return None
        if told["Status"] == "FAILED" or time.monotonic() > until:
            why = told.get("StatusReason") or "it takes too long"
            raise CannotGoOn(
                f"AWS cannot work out what would change: {why}",
                "Run `make lint`: it checks the template.",
            )
        time.sleep(pause)


def _all(cloudformation: Any, change_set: str, told: dict[str, Any]) -> list[dict[str, Any]]:
    changes: list[dict[str, Any]] = list(told.get("Changes", []))
    while token := told.get("NextToken"):
        told = cloudformation.describe_change_set(ChangeSetName=change_set, NextToken=token)
        changes += told.get("Changes", [])
    return changes


def _change(told: Mapping[str, str]) -> Change:
    return Change(
        told["Action"],
        told["LogicalResourceId"],
        told["ResourceType"],
        str(told.get("Replacement", "False")),
    )
