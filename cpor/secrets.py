"""The secrets of a stage in Parameter Store: created where missing, and replaced. Never printed."""

import secrets
from typing import Any

from cpor.doctor.secrets import MIN_BYTES, NAMES, OIDC_CLIENT_SECRET
from cpor.errors import CommandError
from cpor.stage import Stage


def create_missing(stage: Stage) -> tuple[str, ...]:
    """Create the missing secrets and return their paths.

    The secret by which the stack's user pool knows the pages is made by the pool, and copied.
    """
    store, prefix = stage.client("ssm"), path_prefix(stage)
    values = {f"{prefix}/{name}": _make_key for name in NAMES}
    if "PagesClientId" in stage.outputs:
        values[f"{prefix}/{OIDC_CLIENT_SECRET}"] = lambda: _read_client_secret(stage)
    missing = store.get_parameters(Names=list(values))["InvalidParameters"]
    for path in missing:
        _put(store, path, values[path](), overwrite=False)
    return tuple(missing)


def replace(stage: Stage, name: str) -> int:
    """Write a new version of a secret and return its number. Raises CommandError."""
    if name not in NAMES:
        raise CommandError(f"There is no secret {name}; there are {', '.join(NAMES)}.")
    path = f"{path_prefix(stage)}/{name}"
    return _put(stage.client("ssm"), path, _make_key(), overwrite=True)


def path_prefix(stage: Stage) -> str:
    """Return the path of a stage's secrets. Raises CommandError where it has none."""
    chosen = stage.settings_of("APIHandler")
    if chosen.sandbox:
        raise CommandError("A sandbox creates and keeps its own secrets.")
    if not chosen.secrets_prefix:
        deploy = f"make deploy STAGE={stage.name} BUCKET=… SET=SecretsPrefix=/cpor/{stage.name}"
        raise CommandError(f"Their path is not set: {deploy}")
    return chosen.secrets_prefix.rstrip("/")


def _make_key() -> str:
    return secrets.token_hex(MIN_BYTES)


def _read_client_secret(stage: Stage) -> str:
    described = stage.client("cognito-idp").describe_user_pool_client(
        UserPoolId=stage.output("UserPoolId"), ClientId=stage.output("PagesClientId")
    )
    return str(described["UserPoolClient"]["ClientSecret"])


def _put(store: Any, path: str, value: str, overwrite: bool) -> int:
    answer = store.put_parameter(Name=path, Type="SecureString", Value=value, Overwrite=overwrite)
    return int(answer["Version"])
