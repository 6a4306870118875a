"""A small fresh table on the embedded engine, as the product's template makes it."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import botocore.session
from botocore.config import Config
from moto import mock_aws

from chalicelib.aws.keys import INDEXES, TABLE
from chalicelib.aws.rows import Rows
from tests.support.aws_calls import share_loader

NAME = "cpor"


@contextmanager
def fresh_table() -> Iterator[Any]:
    """A DynamoDB client with an empty table of the right shape, deleted afterwards."""
    with mock_aws():
        client = a_client()
        make_table(client)
        yield client


def a_client() -> Any:
    session = botocore.session.get_session()
    session.register_component("data_loader", share_loader())
    session.set_credentials("testing", "testing")
    return session.create_client(
        "dynamodb", region_name="us-east-1", config=Config(retries={"total_max_attempts": 1})
    )


def rows_of(client: Any) -> Rows:
    return Rows(client, NAME, pause=lambda seconds: None)


def make_table(client: Any, name: str = NAME) -> None:
    attributes = sorted({name for pair in (TABLE, *INDEXES.values()) for name in pair})
    client.create_table(
        TableName=name,
        BillingMode="PAY_PER_REQUEST",
        KeySchema=_schema(TABLE),
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in attributes],
        GlobalSecondaryIndexes=[
            {
                "IndexName": index,
                "KeySchema": _schema(names),
                "Projection": {"ProjectionType": "KEYS_ONLY"},
            }
            for index, names in INDEXES.items()
        ],
    )


def _schema(names: tuple[str, str]) -> list[dict[str, str]]:
    return [
        {"AttributeName": names[0], "KeyType": "HASH"},
        {"AttributeName": names[1], "KeyType": "RANGE"},
    ]
