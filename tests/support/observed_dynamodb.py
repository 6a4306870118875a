"""The database in memory, with a note of every read and count."""

from dataclasses import dataclass, field
from typing import Any

from tests.support.memory_dynamodb import Key, MemoryDynamoDB, key_of


@dataclass
class ObservedDynamoDB(MemoryDynamoDB):
    """`calls`: the operation and the key of everything that was read or counted.

    Of a query, the key is its partition and `query`.
    """

    calls: list[tuple[str, Key]] = field(default_factory=list)

    def get_item(self, **request: Any) -> dict[str, Any]:
        self.calls.append(("get_item", key_of(request["Key"])))
        return super().get_item(**request)

    def batch_get_item(self, *, RequestItems: dict[str, Any]) -> dict[str, Any]:
        for wanted in RequestItems.values():
            self.calls += [("batch_get_item", key_of(key)) for key in wanted["Keys"]]
        return super().batch_get_item(RequestItems=RequestItems)

    def query(self, *, ExpressionAttributeValues: Any, **request: Any) -> dict[str, Any]:
        self.calls.append(("query", (ExpressionAttributeValues[":pk"]["S"], "query")))
        return super().query(ExpressionAttributeValues=ExpressionAttributeValues, **request)

    def update_item(self, **request: Any) -> dict[str, Any]:
        self.calls.append(("update_item", key_of(request["Key"])))
        return super().update_item(**request)

    def list_tenant_reads(self) -> list[str]:
        """List the sort keys of what was read of tenants."""
        return [key[1] for _, key in self.calls if key[0].startswith("T#")]
