"""The secrets of a stage in Parameter Store: made where they are missing, and changed. They are
never shown.
"""

import secrets
from typing import Any

from cpor.doctor.secrets import BYTES, NAMES
from cpor.exit_codes import Unusable
from cpor.stage import Stage


def made(stage: Stage) -> tuple[str, ...]:
    """Makes those that are missing; answers their paths."""
    store, prefix = stage.client("ssm"), prefix_of(stage)
    missing = store.get_parameters(Names=[f"{prefix}/{name}" for name in NAMES])[
        "InvalidParameters"
    ]
    for path in missing:
        _put(store, path, overwrite=False)
    return tuple(missing)


def changed(stage: Stage, name: str) -> int:
    """Writes a new version of one of them; answers its number. Raises Unusable for a name that is
    none.
    """
    if name not in NAMES:
        raise Unusable(f"There is no secret {name}; there are {', '.join(NAMES)}.")
    return _put(stage.client("ssm"), f"{prefix_of(stage)}/{name}", overwrite=True)


def prefix_of(stage: Stage) -> str:
    """Where a stage's secrets are. Raises Unusable where it keeps its own or nobody said where."""
    chosen = stage.settings_of("APIHandler")
    if chosen.sandbox:
        raise Unusable("A sandbox makes and keeps its own secrets.")
    if not chosen.secrets_prefix:
        raise Unusable(
            f"Nobody said where they are: make deploy STAGE={stage.name} BUCKET=… SET=SecretsPrefix=/cpor/{stage.name}"
        )
    return chosen.secrets_prefix.rstrip("/")


def _put(store: Any, path: str, overwrite: bool) -> int:
    asked = {
        "Name": path,
        "Type": "SecureString",
        "Value": secrets.token_hex(BYTES),
        "Overwrite": overwrite,
    }
    return int(store.put_parameter(**asked)["Version"])
