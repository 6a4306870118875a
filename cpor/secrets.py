"""The secrets of a stage in Parameter Store: created where missing, and replaced. Never printed."""

import secrets
from typing import Any

from cpor.doctor.secrets import MIN_BYTES, NAMES
from cpor.errors import CommandError
from cpor.stage import Stage


def create_missing(stage: Stage) -> tuple[str, ...]:
    """Create the missing secrets and return their paths."""
    store, prefix = stage.client("ssm"), path_prefix(stage)
    paths = [f"{prefix}/{name}" for name in NAMES]
    missing = store.get_parameters(Names=paths)["InvalidParameters"]
    for path in missing:
        _put(store, path, overwrite=False)
    return tuple(missing)


def replace(stage: Stage, name: str) -> int:
    """Write a new version of a secret and return its number. Raises CommandError."""
    if name not in NAMES:
        raise CommandError(f"There is no secret {name}; there are {', '.join(NAMES)}.")
    return _put(stage.client("ssm"), f"{path_prefix(stage)}/{name}", overwrite=True)


def path_prefix(stage: Stage) -> str:
    """Return the path of a stage's secrets. Raises CommandError where it has none."""
    chosen = stage.settings_of("APIHandler")
    if chosen.sandbox:
        raise CommandError("A sandbox creates and keeps its own secrets.")
    if not chosen.secrets_prefix:
        deploy = f"make deploy STAGE={stage.name} BUCKET=… SET=SecretsPrefix=/cpor/{stage.name}"
        raise CommandError(f"Their path is not set: {deploy}")
    return chosen.secrets_prefix.rstrip("/")


def _put(store: Any, path: str, overwrite: bool) -> int:
    answer = store.put_parameter(
        Name=path,
        Type="SecureString",
        Value=secrets.token_hex(MIN_BYTES),
        Overwrite=overwrite,
    )
    return int(answer["Version"])
