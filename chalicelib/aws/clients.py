"""AWS clients, one per service and process, made when first used: making one costs more than most requests."""

from functools import cache
from typing import Any

from chalicelib.settings import settings

# A transaction may be in progress elsewhere: wait at least a second, and let a retry come late (facts: DynamoDB).
QUICK = {"connect_timeout": 2, "read_timeout": 5, "parameter_validation": False,
         "retries": {"total_max_attempts": 4, "mode": "standard"}}


@cache
def client(service: str, **config: Any) -> Any:
    """The client of a service (`dynamodb`, `sqs`, …), towards the embedded endpoint when one is set."""
    from botocore.config import Config
    from botocore.session import get_session

    endpoint = settings().aws_endpoint_url or None
    return get_session().create_client(service, endpoint_url=endpoint, config=Config(**{**QUICK, **config}))
