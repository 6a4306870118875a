"""The live directory of a stage that has one (`Directory=live`)."""

from collections.abc import Callable
from typing import Any

from chalicelib.directory.cloud import Cloud, CloudReader
from chalicelib.directory.live import Live
from chalicelib.directory.tokens import Application
from chalicelib.ports import Clock
from chalicelib.runtime.settings import Settings


def make_live_directory(
    chosen: Settings,
    client_secret: Callable[[], str],
    find_tenant_id: Callable[[str], str | None],
    clock: Clock,
    run_parallel: Callable[..., tuple[Any, ...]],
) -> Live:
    """Build the directory over the cloud that the settings name; the arguments are those of
    `Application` and `Live`.
    """
    cloud = Cloud(chosen.live_authority, chosen.live_graph)
    reader = CloudReader(cloud, Application(chosen.live_client_id, client_secret))
    return Live(reader, find_tenant_id, clock, run_parallel)
