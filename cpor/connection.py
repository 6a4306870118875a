"""The operator's own connections to AWS."""

from typing import Any

import botocore.session
from botocore.config import Config

from chalicelib.aws.rows import Rows

ATTEMPTS = 8  # an import may meet a table that is still scaling up
CONNECTIONS = 32
READ_TIMEOUT = 10  # seconds
LAMBDA_READ_TIMEOUT = 60  # seconds: an invocation may take as long as the function


def client(service: str, endpoint_url: str = "") -> Any:
    """Return a client of an AWS service that retries rather than fails soon."""
    config = Config(
        retries={"mode": "standard", "total_max_attempts": ATTEMPTS},
        max_pool_connections=CONNECTIONS,
        connect_timeout=5,
        read_timeout=LAMBDA_READ_TIMEOUT if service == "lambda" else READ_TIMEOUT,
    )
    return botocore.session.get_session().create_client(
        service, endpoint_url=endpoint_url or None, config=config
    )


def rows(table: str, endpoint_url: str) -> Rows:
    """Return the rows of a table."""
    return Rows(client("dynamodb", endpoint_url), table)
