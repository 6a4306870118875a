"""The service that `make run` has started on this machine, which the command line finds by itself.

`make run` writes where it is into a file of the user, and removes the file when it ends.
"""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from chalicelib.domain.base import Frozen

LOCAL = "local"  # the name of its stage
# Any of these says which AWS is meant.
CONFIGURED = (
    "AWS_ENDPOINT_URL",
    "AWS_ACCESS_KEY_ID",
    "AWS_PROFILE",
    "AWS_DEFAULT_REGION",
    "AWS_REGION",
    "TABLE_NAME",
)


class LocalService(Frozen):
    """A running service.

    url: its address for people and partners.
    aws_endpoint, region, access_key, secret_key: how its AWS is reached.
    pid: the process of `make run`.
    """

    url: str
    aws_endpoint: str
    region: str
    access_key: str
    secret_key: str
    pid: int

    @property
    def environment(self) -> dict[str, str]:
        """The variables that make AWS's libraries use it."""
        return {
            "AWS_ENDPOINT_URL": self.aws_endpoint,
            "AWS_DEFAULT_REGION": self.region,
            "AWS_ACCESS_KEY_ID": self.access_key,
            "AWS_SECRET_ACCESS_KEY": self.secret_key,
        }


def find_local_service() -> LocalService | None:
    """Return the service that runs on this machine, None when there is none."""
    try:
        service = LocalService.model_validate_json(_state_file().read_bytes())
        os.kill(service.pid, 0)  # raises when there is no such process
    except (OSError, OverflowError, ValueError):
        return None
    return service


def use_local_service(stage: str = "") -> bool:
    """Let this process use the local service if that is what is meant, and return whether it does.

    Meant is the stage `local`, unless the environment names another endpoint, or no stage when the
    environment names no AWS at all.
    """
    names = CONFIGURED[:1] if stage == LOCAL else CONFIGURED
    if stage not in ("", LOCAL) or any(os.environ.get(name) for name in names):
        return False
    service = find_local_service()
    if not service:
        return False
    os.environ.update(service.environment)
    print(f"Using the local service at {service.url}.", file=sys.stderr)
    return True


@contextmanager
def announce_service(service: LocalService) -> Iterator[None]:
    """Let the command line find a service. The service that was started last is the one."""
    file = _state_file()
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(service.model_dump_json(), encoding="utf-8")
    try:
        yield
    finally:
        found = find_local_service()
        if found and found.pid == service.pid:
            file.unlink()


def _state_file() -> Path:
    """Return the file in the user's folder for state (XDG Base Directory Specification)."""
    state = os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state"
    return Path(state, "cpor", "local.json")
