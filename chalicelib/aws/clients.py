"""AWS clients: one per service and process, made when first used.

Making a client takes longer than most requests. All come from one session, so that the tables of
AWS endpoints are read once. The package holds botocore with its data cut to what is called here
(`tools/packaging/botocore_data.py`).
"""

from collections.abc import Callable
from functools import cache
from threading import Lock
from typing import Any

from chalicelib.runtime.lazy_import import load
from chalicelib.runtime.settings import settings

# A transaction may be in progress elsewhere: wait at least a second, and let a retry come late
# (DynamoDB, "Best practices for transactions"). `wiring.run_parallel` makes as many calls at the
# same time as the pool has connections.
CONFIG = {
    "connect_timeout": 2,
    "read_timeout": 5,
    "parameter_validation": False,
    "max_pool_connections": 16,
    "retries": {"total_max_attempts": 4, "mode": "standard"},
}
# A repeated call would send a second copy of a mail, because SES has no idempotency token: it is
# handed over once, and the answer is waited for.
MAIL_CONFIG = {
    **CONFIG,
    "retries": {"total_max_attempts": 1, "mode": "standard"},
    "read_timeout": 25,
}
# Clients of one session must not be made by two threads at once (botocore's guide,
# "Multithreading").
_SESSION_LOCK = Lock()


@cache
def get_client(service: str, **config: Any) -> Any:
    """Return the client of a service (`dynamodb`, `sqs`, …), with the settings' endpoint."""
    return make_client(service, settings().aws_endpoint_url, **{**CONFIG, **config})


def make_mail_client() -> Any:
    """Make the client of SES, which hands a mail over once and waits for the answer."""
    return make_client("sesv2", settings().aws_endpoint_url, **MAIL_CONFIG)


def make_client(service: str, endpoint_url: str, **config: Any) -> Any:
    """Make a client with this configuration (`botocore.config.Config`).

    endpoint_url: that of the embedded run, '' for AWS.
    """
    with _SESSION_LOCK:
        return load("aws.botocore_session:create_client")(service, endpoint_url, config)


class LazyClient:
    """The client of a service, made at its first call."""

    def __init__(self, make: Callable[[], Any]) -> None:
        self._make = cache(make)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._make(), name)
