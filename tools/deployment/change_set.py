"""Change a stack by a change set: show the changes first, then execute or discard them.

A resource that holds people's data is never replaced or removed without an explicit confirmation.
"""

import time
from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

from tools.errors import ToolError

DATA_STORES = frozenset({"AWS::DynamoDB::Table", "AWS::S3::Bucket", "AWS::Cognito::UserPool"})
NO_CHANGES = ("didn't contain changes", "No updates are to be performed")
SECONDS_TO_COMPARE = 300.0


class Change(NamedTuple):
    """A resource that will change.

    Attributes:
        action: Add, Modify or Remove.
        name: the logical id.
        kind: the resource type.
        replaced: True, False or Conditional.
    """

    action: str
    name: str
    kind: str
    replaced: str = "False"

    @property
    def loses_data(self) -> bool:
        """Whether stored data would be lost or orphaned."""
        return self.kind in DATA_STORES and (self.action == "Remove" or self.replaced != "False")

    def __str__(self) -> str:
        notes = {"True": ", replaced", "Conditional": ", perhaps replaced"}
        return f"{self.action:<8}{self.name} ({self.kind}{notes.get(self.replaced, '')})"


Review = Callable[[tuple[Change, ...]], None]


def apply_change_set(
    cloudformation: Any, request: Mapping[str, Any], is_new: bool, review: Review, poll: float
) -> str:
    """Create a change set, have it reviewed, and start to execute it.

    Args:
        request: parameters of `create_change_set`, without the name of the change set. Its type
            is that of a creation or an update, unless it is among them.
        is_new: whether the stack is created.
        review: called with the changes; if it raises, the stack stays unchanged.
        poll: seconds between two calls that ask whether the change set is complete.

    Returns:
        The id of the stack, or an empty string if there is nothing to change.
    """
    kind = {"ChangeSetType": "CREATE" if is_new else "UPDATE"}
    change_set = cloudformation.create_change_set(
        ChangeSetName=f"change-{time.time_ns()}", **{**kind, **request}
    )
    try:
        changes = _wait_for_changes(cloudformation, change_set["Id"], poll)
        if changes is None:
            cloudformation.delete_change_set(ChangeSetName=change_set["Id"])
            return ""
        review(changes)
    except ToolError:
        cloudformation.delete_change_set(ChangeSetName=change_set["Id"])
        if is_new:  # the empty stack that CloudFormation created for the change set
            cloudformation.delete_stack(StackName=change_set["StackId"])
        raise
    # What a failed creation or update has added is deleted, also what the template retains.
    cloudformation.execute_change_set(ChangeSetName=change_set["Id"], RetainExceptOnCreate=True)
    return str(change_set["StackId"])


def require_confirmation(changes: Iterable[Change], confirmed: bool) -> None:
    """Raise ToolError if the changes would lose data and that is not confirmed."""
    losses = [str(change) for change in changes if change.loses_data]
    if losses and not confirmed:
        raise ToolError(
            "This would lose stored data:\n" + "\n".join(losses),
            "If that is intended, make a backup (docs/operations.md, Backups) and confirm: "
            "make deploy … CONFIRM=<stage>.",
        )


def _wait_for_changes(
    cloudformation: Any, change_set: str, poll: float
) -> tuple[Change, ...] | None:
    """Return the changes once AWS has computed them, or None if there are none."""
    deadline = time.monotonic() + SECONDS_TO_COMPARE
    while True:
        page = cloudformation.describe_change_set(ChangeSetName=change_set)
        reason = page.get("StatusReason") or "it takes too long"
        if page["Status"] == "CREATE_COMPLETE":
            return tuple(map(_parse_change, _all_changes(cloudformation, change_set, page)))
        if page["Status"] == "FAILED" and any(words in reason for words in NO_CHANGES):
            return None
        if page["Status"] == "FAILED" or time.monotonic() > deadline:
            raise ToolError(
                f"AWS cannot compute the changes: {reason}",
                "Run `make lint`, which checks the template.",
            )
        time.sleep(poll)


def _all_changes(
    cloudformation: Any, change_set: str, page: dict[str, Any]
) -> list[dict[str, Any]]:
    changes = list(page.get("Changes", []))
    while token := page.get("NextToken"):
        page = cloudformation.describe_change_set(ChangeSetName=change_set, NextToken=token)
        changes += page.get("Changes", [])
    return changes


def _parse_change(entry: Mapping[str, Any]) -> Change:
    change = entry["ResourceChange"]
    return Change(
        change["Action"],
        change["LogicalResourceId"],
        change["ResourceType"],
        str(change.get("Replacement", "False")),
    )
