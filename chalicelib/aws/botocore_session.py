"""The botocore session of this process: the part of the AWS clients that is slow to import."""

from functools import cache
from typing import Any

import botocore.session
from botocore.config import Config

from chalicelib.runtime import ca_bundle


@cache
def get_session() -> botocore.session.Session:
    """Return the session of this process, with its credentials."""
    return botocore.session.get_session()


def create_client(service: str, endpoint_url: str, config: dict[str, Any]) -> Any:
    """Create a client with this configuration; `chalicelib/aws/clients.py` describes both."""
    session = get_session()
    return session.create_client(
        service,
        endpoint_url=endpoint_url or None,
        config=Config(**config),
        verify=_ca_bundle(session),
    )


def _ca_bundle(session: botocore.session.Session) -> str | None:
    """Return the file of Amazon's root certificates, None for the ones that botocore trusts.

    Amazon's are used in the partition where they are known to sign, unless another bundle is set.
    """
    region = session.get_config_variable("region")
    if not region or session.get_config_variable("ca_bundle"):
        return None
    is_aws = session.get_partition_for_region(region) == "aws"
    return ca_bundle.amazon_roots() if is_aws else None
