"""The operator's own connection to a stage: its table, its queues, by its stack or by the settings
of the environment.
"""

from typing import TYPE_CHECKING, Any

from chalicelib.aws.rows import Rows
from chalicelib.runtime.settings import settings

if TYPE_CHECKING:
    from chalicelib.aws.store import DynamoStore
    from chalicelib.ports import Services
    from chalicelib.runtime.settings import Settings

ATTEMPTS = 8  # an import may meet a table that is still warming up
CONNECTIONS = 32


def client(service: str, endpoint_url: str = "") -> Any:
    """A client that is patient rather than quick."""
    import botocore.session
    from botocore.config import Config

    config = Config(
        retries={"mode": "standard", "total_max_attempts": ATTEMPTS},
        max_pool_connections=CONNECTIONS,
        connect_timeout=5,
        read_timeout=60 if service == "lambda" else 10,
    )
    return botocore.session.get_session().create_client(
        service, endpoint_url=endpoint_url or None, config=config
    )


def rows(table: str, endpoint_url: str) -> Rows:
    """The table of a stage."""
    return Rows(client("dynamodb", endpoint_url), table)


def store(
    stage: str = "", stack: str = "", table: str = "", endpoint_url: str = ""
) -> "DynamoStore":
    """What a stage stores.

    The table is the one that is named, else the stage's, else the environment's.
    """
    from chalicelib.aws.store import DynamoStore
    from chalicelib.runtime.wiring import run_parallel
    from cpor.stage import Stage

    if (stage or stack) and not table:
        table = Stage(stage, stack, endpoint_url).output("TableName")
    return DynamoStore(
        rows(table or settings().table_name, endpoint_url or settings().aws_endpoint_url),
        run_parallel,
    )


def services(chosen: "Settings", endpoint_url: str = "") -> "Services":
    """The world of a stage as its functions have it, over the operator's own connections. Nothing
    is asked for soon: the index of what is due brings everything back.
    """
    from chalicelib.aws.files import EvidenceFiles, s3_client
    from chalicelib.aws.queue import NullQueue
    from chalicelib.aws.sandbox import TestClock
    from chalicelib.aws.store import DynamoStore
    from chalicelib.runtime import wiring

    endpoint = endpoint_url or settings().aws_endpoint_url
    target = rows(chosen.table_name, endpoint)
    return wiring.make(chosen).evolve(
        store=DynamoStore(target, wiring.run_parallel),
        clock=TestClock(target, wiring.SystemClock().now)
        if chosen.sandbox
        else wiring.SystemClock(),
        files=EvidenceFiles(chosen.evidence_bucket, lambda: s3_client(endpoint)),
        work_queue=NullQueue(),
    )
