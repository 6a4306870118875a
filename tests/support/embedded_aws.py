"""A whole world in this process: the real adapters over the embedded engine, small and fresh for
each test.

The engine is not atomic under threads, so every call to it is made under one lock.
"""

import base64
import hashlib
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest import mock

import botocore.client
from botocore import xform_name
from moto import mock_aws

from chalicelib.aws.clients import client, session
from chalicelib.aws.files import s3_client
from chalicelib.aws.rows import Rows
from chalicelib.ports import Services
from chalicelib.runtime import wiring
from chalicelib.runtime.settings import Settings
from tests.support.tables import NAME, make_table

ENVIRONMENT = {
    "AWS_ACCESS_KEY_ID": "testing",
    "AWS_SECRET_ACCESS_KEY": "testing",
    "AWS_DEFAULT_REGION": "us-east-1",
}
LOCK = threading.RLock()
BUCKET = "cpor-evidence"


@contextmanager
def embedded_aws(database: Any = None) -> Iterator[None]:
    """The embedded engine, one call at a time. `database`: answers for DynamoDB in its place."""
    call = botocore.client.BaseClient._make_api_call

    def one_at_a_time(self: Any, operation: str, asked: Any) -> Any:
        with LOCK:
            if database is not None and self.meta.service_model.service_name == "dynamodb":
                return getattr(database, xform_name(operation))(**asked)
            return call(self, operation, asked)

    with mock.patch.dict(os.environ, ENVIRONMENT), mock_aws():
        botocore.client.BaseClient._make_api_call = one_at_a_time  # type: ignore[method-assign]
        try:
            yield
        finally:
            botocore.client.BaseClient._make_api_call = call  # type: ignore[method-assign]


@contextmanager
def fresh_services(database: Any = None, **settings: Any) -> Iterator[Services]:
    """A sandbox world over an empty table and bucket. No queue: the due index alone brings work
    back. `database`: an empty one for many thousand calls; the embedded engine copies its table at
    every write.
    """
    with embedded_aws(database):
        forget()
        if database is None:
            make_table(client("dynamodb"))
        s3_client("").create_bucket(Bucket=BUCKET)
        yield wiring.make(Settings(**{"table_name": NAME, "evidence_bucket": BUCKET, **settings}))
        forget()


def forget() -> None:
    """No client is kept, nor the credentials with which they were made."""
    for kept in (client, s3_client, session):
        kept.cache_clear()


def rows(services: Services) -> Rows:
    """The table itself, for looking into it."""
    return Rows(client("dynamodb"), services.settings.table_name)


def put_upload(
    services: Services, evidence_id: str, content: bytes, content_type: str = "application/pdf"
) -> None:
    """Puts a file where its partner would have uploaded it, checksum and all."""
    checksum = base64.b64encode(hashlib.sha256(content).digest()).decode()
    s3_client("").put_object(
        Bucket=services.settings.evidence_bucket,
        Key=evidence_id,
        Body=content,
        ContentType=content_type,
        ChecksumSHA256=checksum,
    )
