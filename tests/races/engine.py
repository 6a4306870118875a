"""A table in memory, with what the store asks of DynamoDB: single rows, ranges, and conditional transactions.

The embedded engine takes milliseconds for each call, and ten thousand races make many millions of calls. This one does
what matters to a race in the same way: a call is atomic, every condition is judged at the moment of the write, and a
transaction is made whole or not at all. What it does not know it refuses.
"""

import random
import threading
import time
from typing import Any

from botocore.exceptions import ClientError

Row = dict[str, Any]
YIELDS = 0.3  # of all calls; if every one did, most of a race would be lost writes


class Memory:
    """As much of a DynamoDB client as `chalicelib.aws.rows.Rows` calls for a race."""

    def __init__(self) -> None:
        self.rows: dict[tuple[str, str], Row] = {}
        self._lock = threading.Lock()

    def get_item(self, *, Key: Row, **asked: Any) -> Row:
        with self._turn():
            found = self.rows.get(_key(Key))
            return {"Item": found} if found else {}

    def batch_get_item(self, *, RequestItems: Row) -> Row:
        with self._turn():
            return {"Responses": {name: [self.rows[_key(key)] for key in asked["Keys"] if _key(key) in self.rows]
                                  for name, asked in RequestItems.items()}}

    def query(self, *, ExpressionAttributeValues: Row, KeyConditionExpression: str, **asked: Any) -> Row:
        if "IndexName" in asked:
            raise NotImplementedError("an index")
        pk = ExpressionAttributeValues[":pk"]["S"]
        prefix = ExpressionAttributeValues.get(":prefix", {"S": ""})["S"]
        low, high = (ExpressionAttributeValues.get(name, {"S": other})["S"] for name, other in ((":low", ""), (":high", "~~")))
        with self._turn():
            found = sorted(key for key in self.rows if key[0] == pk and key[1].startswith(prefix) and low <= key[1] <= high)
            return {"Items": [self.rows[key] for key in found]}

    def put_item(self, *, Item: Row, ConditionExpression: str = "", **asked: Any) -> Row:
        with self._turn():
            if not self._met({"Item": Item, "ConditionExpression": ConditionExpression, **asked}):
                raise ClientError({"Error": {"Code": "ConditionalCheckFailedException"}}, "PutItem")
            self.rows[_key(Item)] = Item
            return {}

    def batch_write_item(self, *, RequestItems: Row) -> Row:
        with self._turn():
            for one in (one for some in RequestItems.values() for one in some):
                self.rows[_key(one["PutRequest"]["Item"])] = one["PutRequest"]["Item"]
            return {}

    def transact_write_items(self, *, TransactItems: list[Row]) -> Row:
        puts = [one["Put"] for one in TransactItems]
        with self._turn():
            met = [self._met(put) for put in puts]
            if not all(met):
                reasons = [{"Code": "None" if one else "ConditionalCheckFailed"} for one in met]
                raise ClientError({"Error": {"Code": "TransactionCanceledException"}, "CancellationReasons": reasons}, "TransactWriteItems")
            self.rows.update((_key(put["Item"]), put["Item"]) for put in puts)
            return {}

    def _turn(self) -> threading.Lock:
        """Others often go first: between a read and the write that rests on it lies time for anybody."""
        if random.random() < YIELDS:
            time.sleep(0)
        return self._lock

    def _met(self, put: Row) -> bool:
        there, condition = self.rows.get(_key(put["Item"])), put.get("ConditionExpression", "")
        if condition == "attribute_not_exists(pk)":
            return there is None
        if condition == "rev = :before":
            return there is not None and there["rev"] == put["ExpressionAttributeValues"][":before"]
        if condition:
            raise NotImplementedError(condition)
        return True


def _key(row: Row) -> tuple[str, str]:
    return row["pk"]["S"], row["sk"]["S"]
