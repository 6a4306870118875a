"""AWS clients, one per service and process, made when first used: making one costs more than most
requests.

All come from one session, so that the tables of AWS's endpoints are read once. The package holds
botocore with its data cut to what is called here (`tools/packaging/botocore_data.py`).
"""

from functools import cache
from threading import Lock
from typing import Any

from chalicelib.runtime import ca_bundle
from chalicelib.runtime.settings import settings

# A transaction may be in progress elsewhere: wait at least a second, and let a retry come late
# (facts: DynamoDB). As many connections are kept as `wiring.run_parallel` makes parallel calls.
QUICK = {
    "connect_timeout": 2,
    "read_timeout": 5,
    "parameter_validation": False,
    "max_pool_connections": 16,
    "retries": {"total_max_attempts": 4, "mode": "standard"},
}
_ONE_AT_A_TIME = (
    Lock()
)  # two threads must not make clients of one session at once (botocore's guide, "Multithreading")


@cache
def client(service: str, **config: Any) -> Any:
    """The client of a service (`dynamodb`, `sqs`, …), towards the embedded endpoint when one is
    set.
    """
    return new_client(service, settings().aws_endpoint_url, **{**QUICK, **config})


def new_client(service: str, endpoint_url: str, **config: Any) -> Any:
    """A client with this configuration (`botocore.config.Config`).

    `endpoint_url`: of the embedded run, or empty.
    """
    from botocore.config import Config

    with _ONE_AT_A_TIME:
        return session().create_client(
            service,
            endpoint_url=endpoint_url or None,
            config=Config(**config),
            verify=_ca_bundle(session()),
        )


class LazyClient:
    """The client of a service, made when something is first asked of it."""

    def __init__(self, service: str) -> None:
        self._service = service

    def __getattr__(self, name: str) -> Any:
        return getattr(client(self._service), name)


@cache
def session() -> Any:
    """The session of this process, with its credentials."""
    from botocore.session import get_session

    return get_session()


def _ca_bundle(made: Any) -> str | None:
    """Amazon's root certificates in the partition where they are known to sign, unless another
    bundle is set; None: what botocore trusts.
    """
    region = made.get_config_variable("region")
    if not region or made.get_config_variable("ca_bundle"):
        return None
    return ca_bundle.amazon_roots() if made.get_partition_for_region(region) == "aws" else None
