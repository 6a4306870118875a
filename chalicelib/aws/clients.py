"""AWS clients, one per service and process, made when first used: making one costs more than most
requests.

All come from one session, so that the tables of AWS's endpoints are read once. In the package these
tables and the services' models are cut to what is called here (`tools/packaging/botocore_data.py`); elsewhere
botocore's own are read.
"""

import marshal
from functools import cache
from pathlib import Path
from threading import Lock
from typing import Any

from chalicelib.runtime import ca_bundle
from chalicelib.runtime.settings import settings

# A transaction may be in progress elsewhere: wait at least a second, and let a retry come late
# (facts: DynamoDB). As many connections are kept as `wiring.together` makes calls side by side.
QUICK = {
    "connect_timeout": 2,
    "read_timeout": 5,
    "parameter_validation": False,
    "max_pool_connections": 16,
    "retries": {"total_max_attempts": 4, "mode": "standard"},
}
DATA = Path(__file__).with_name("botocore-data")
MARSHALLED = ".marshal"  # the end of its files' names
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
            verify=_roots(session()),
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

    made = get_session()
    if DATA.is_dir():
        made.register_component("data_loader", loader(DATA))
    return made


def loader(tenant_file: Path) -> Any:
    """botocore's loader, which finds in this folder what it would find beside itself. Where it is a
    folder of somebody else's, botocore takes the endpoints in it for a deliberate change, and asks
    no rules.
    """
    from botocore.loaders import JSONFileLoader, Loader

    class Marshalled(JSONFileLoader):
        """Reads the files of this folder as `marshal` has written them: a third of the instructions
        of JSON.
        """

        def exists(self, file_path: str) -> bool:
            return Path(f"{file_path}{MARSHALLED}").is_file() or super().exists(file_path)

        def load_file(self, file_path: str) -> Any:
            ours = Path(f"{file_path}{MARSHALLED}")
            return (
                marshal.loads(ours.read_bytes()) if ours.is_file() else super().load_file(file_path)
            )

    return type(
        "Loader",
        (Loader,),
        {"BUILTIN_DATA_PATH": str(tenant_file), "FILE_LOADER_CLASS": Marshalled},
    )()


def _roots(made: Any) -> str | None:
    """Amazon's own authorities, in the partition where they are known to sign and where no other
    bundle is set; None: what botocore trusts. Each connection reads all of them again, and
    botocore's are 126.
    """
    region = made.get_config_variable("region")
    if not ca_bundle.AMAZONS.is_file() or made.get_config_variable("ca_bundle") or not region:
        return None
    return str(ca_bundle.AMAZONS) if made.get_partition_for_region(region) == "aws" else None
