"""The parts of requests to the one table, and the one place where they are sent."""

from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import Any, TypeVar

from botocore.exceptions import ClientError, ConnectionError, HTTPClientError

from chalicelib.aws.errors import translate_error
from chalicelib.domain.refusals import Unavailable

T = TypeVar("T")


def make_key_condition(
    names: tuple[str, str], pk: str, prefix: str, between: tuple[str, str] | None
) -> dict[str, Any]:
    """Return a condition on the two key attributes of the table or of an index."""
    condition, values = "#pk = :pk", {":pk": {"S": pk}}
    attributes = {"#pk": names[0]}
    if between:
        condition += " AND #sk BETWEEN :low AND :high"
        low, high = between
        values |= {":low": {"S": low}, ":high": {"S": high}}
    elif prefix:
        condition += " AND begins_with(#sk, :prefix)"
        values[":prefix"] = {"S": prefix}
    if between or prefix:
        attributes["#sk"] = names[1]
    return {
        "KeyConditionExpression": condition,
        "ExpressionAttributeNames": attributes,
        "ExpressionAttributeValues": values,
    }


def filter_without(attribute: str) -> dict[str, str]:
    """Return a filter on rows that lack an attribute."""
    return {"FilterExpression": f"attribute_not_exists({attribute})"}


def make_batches(items: Iterable[T], size: int) -> Iterator[list[T]]:
    """Yield the items in lists of at most `size` (`itertools.batched` needs Python 3.12)."""
    rest = iter(items)
    while some := list(islice(rest, size)):
        yield some


def call_database(call: Callable[..., Any], **request: Any) -> Any:
    """Make one call. Raises Cancelled, ConditionFailed or Unavailable for expected errors."""
    try:
        return call(**request)
    except (HTTPClientError, ConnectionError) as failure:
        raise Unavailable() from failure
    except ClientError as failure:
        error = translate_error(failure.response)
        if error is None:
            raise
        raise error from failure
