"""The errors of a call to the table, one type for each reaction of the caller."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from chalicelib.domain.refusals import Unavailable

Row = dict[str, Any]  # a row in DynamoDB's own form

# Error codes of calls that may succeed later.
TRANSIENT = frozenset(
    {
        "InternalServerError",
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "RequestTimeout",
        "ServiceUnavailable",
        "ThrottlingException",
        "TransactionConflictException",
        "TransactionInProgressException",
    }
)
# Reasons of a cancelled transaction that may succeed later.
TRANSIENT_REASONS = frozenset(
    {"None", "TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"}
)


@dataclass(frozen=True)
class Reason:
    """Why one item of a transaction was refused.

    Attributes:
        code: DynamoDB's code; `None` in words for an item that was not refused.
        row: the row that was stored, if the item asked for it
            (`ReturnValuesOnConditionCheckFailure`).
    """

    code: str
    row: Row | None = None


class ConditionFailed(Exception):
    """The condition of a single write did not hold. `row`: what was stored, if anything."""

    def __init__(self, row: Row | None) -> None:
        super().__init__("ConditionalCheckFailed")
        self.row = row


class Cancelled(Exception):
    """A transaction did not happen. `reasons` are in the order of its items."""

    def __init__(self, reasons: tuple[Reason, ...]) -> None:
        super().__init__(", ".join(reason.code for reason in reasons))
        self.reasons = reasons

    @property
    def failed_conditions(self) -> tuple[int, ...]:
        """The numbers of the items whose condition did not hold: the caller decides again."""
        return tuple(
            number
            for number, reason in enumerate(self.reasons)
            if reason.code == "ConditionalCheckFailed"
        )

    @property
    def is_transient(self) -> bool:
        """Return whether the same transaction may succeed when repeated."""
        return all(reason.code in TRANSIENT_REASONS for reason in self.reasons)


def is_conflict(error: Exception) -> bool:
    """Return whether a write has certainly not happened, and may succeed when repeated."""
    if isinstance(error, Cancelled):
        return error.is_transient
    response = getattr(error.__cause__, "response", None) or {}
    return bool(response.get("Error", {}).get("Code") == "TransactionConflictException")


def translate_error(response: Mapping[str, Any]) -> Exception | None:
    """Return the exception for an error response; None for an error that is a bug."""
    code = response["Error"]["Code"]
    if code == "TransactionCanceledException":
        reasons = response.get("CancellationReasons", ())
        return Cancelled(
            tuple(Reason(reason.get("Code", "None"), reason.get("Item")) for reason in reasons)
        )
    if code == "ConditionalCheckFailedException":
        return ConditionFailed(response.get("Item"))
    return Unavailable() if code in TRANSIENT else None
