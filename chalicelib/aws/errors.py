"""What can go wrong with a call to the table, as types that say what to do about it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from chalicelib.domain.refusals import Unavailable

Row = dict[str, Any]

PASSING = frozenset(
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


@dataclass(frozen=True)
class Reason:
    """Why one item of a transaction stood in its way: DynamoDB's code (`None` in words when it did
    not), and the row as it was, when the item asked for it (`ReturnValuesOnConditionCheckFailure`).
    """

    code: str
    row: Row | None = None


class ConditionFailed(Exception):
    """A single write found its condition unmet. `row`: what stood there, None when nothing did."""

    def __init__(self, row: Row | None) -> None:
        super().__init__("ConditionalCheckFailed")
        self.row = row


class Cancelled(Exception):
    """A transaction did not happen. `reasons` in the order of its items."""

    def __init__(self, reasons: tuple[Reason, ...]) -> None:
        super().__init__(", ".join(reason.code for reason in reasons))
        self.reasons = reasons

    @property
    def unmet(self) -> tuple[int, ...]:
        """Which items found their condition unmet: the caller decides again."""
        return tuple(
            at for at, reason in enumerate(self.reasons) if reason.code == "ConditionalCheckFailed"
        )

    @property
    def passing(self) -> bool:
        """Nothing but conflicts and throttling: the very same transaction may succeed in a moment."""
        passing = {
            "None",
            "TransactionConflict",
            "ThrottlingError",
            "ProvisionedThroughputExceeded",
        }
        return all(reason.code in passing for reason in self.reasons)


def named(response: Mapping[str, Any]) -> Exception | None:
    """The error that an answer of the database means; None for what is no answer to be expected,
    but a bug.
    """
    code = response["Error"]["Code"]
    if code == "TransactionCanceledException":
        reasons = response.get("CancellationReasons", ())
        return Cancelled(
            tuple(Reason(reason.get("Code", "None"), reason.get("Item")) for reason in reasons)
        )
    if code == "ConditionalCheckFailedException":
        return ConditionFailed(response.get("Item"))
    return Unavailable() if code in PASSING else None
