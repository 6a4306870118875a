"""The product's real adapters over moto or clients in memory, small and fresh for each test."""

import base64
import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from moto import mock_aws

from chalicelib.aws import object_keys
from chalicelib.aws.botocore_session import get_session
from chalicelib.aws.clients import get_client
from chalicelib.aws.files import get_s3_client
from chalicelib.aws.rows import Rows
from chalicelib.ports import Services
from chalicelib.runtime import wiring
from chalicelib.runtime.settings import Settings, settings
from tests.support.aws_calls import ObservedClient, prepare_session
from tests.support.memory_s3 import MemoryS3
from tests.support.tables import NAME, make_table

ENVIRONMENT = {
    "AWS_ACCESS_KEY_ID": "testing",
    "AWS_SECRET_ACCESS_KEY": "testing",
    "AWS_DEFAULT_REGION": "us-east-1",
}
BUCKET = "cpor-evidence"


@contextmanager
def embed_aws(is_called: bool = True) -> Iterator[None]:
    """Answer every call to AWS by moto, and make one call of the product at a time.

    `is_called`: whether calls are expected, for which a session is prepared.
    """
    with pytest.MonkeyPatch.context() as environment, mock_aws():
        for name, value in ENVIRONMENT.items():
            environment.setenv(name, value)
        clear_clients()
        if is_called:
            prepare_session(get_session())
        try:
            yield
        finally:
            clear_clients()


@contextmanager
def fresh_services(
    database: Any = None,
    run_parallel: Callable[..., tuple[Any, ...]] = wiring.run_parallel,
    **settings: Any,
) -> Iterator[tuple[Services, Rows, Any]]:
    """Build a sandbox's services over an empty table and bucket; the table and the client of S3
    come with them.

    There is no queue: the index of what is due finds the work. `database`: a client to use in
    place of moto's, which copies its table at every write; the bucket is then in memory, too.
    """
    with embed_aws(is_called=database is None):
        if database is None:
            used, s3 = get_client("dynamodb"), get_s3_client("")
            make_table(used)
            s3.create_bucket(Bucket=BUCKET)
        else:
            used = ObservedClient("dynamodb", database)
            s3 = ObservedClient("s3", MemoryS3(BUCKET))
        defaults = {"stage": "local", "table_name": NAME, "evidence_bucket": BUCKET}
        chosen = Settings(**{**defaults, **settings})
        yield wiring.build_services(chosen, used, run_parallel, s3), Rows(used, NAME), s3


def clear_clients() -> None:
    """Forget the product's clients, and the settings and credentials with which they were made."""
    for made_once in (get_client, get_s3_client, get_session, settings):
        made_once.cache_clear()


def put_upload(
    s3: Any, evidence_id: str, content: bytes, content_type: str = "application/pdf"
) -> None:
    """Put a file where its partner would have uploaded it, with its checksum."""
    checksum = base64.b64encode(hashlib.sha256(content).digest()).decode()
    s3.put_object(
        Bucket=BUCKET,
        Key=object_keys.key_of_unclaimed(evidence_id),
        Body=content,
        ContentType=content_type,
        ChecksumSHA256=checksum,
    )
