"""The secrets: present, encrypted, and usable by the functions. Their values are never printed."""

from collections.abc import Iterator
from typing import Any

from cpor.doctor.finding import Finding, deploy
from cpor.stage import Stage

# Given by the operator of the directory; needed only for the live directory.
LIVE_CLIENT_SECRET = "live-client-secret"  # a name
# Given by the issuer of tokens; of the stack's own user pool `cpor secrets make` copies it.
OIDC_CLIENT_SECRET = "oidc-client-secret"  # a name
GIVEN = (LIVE_CLIENT_SECRET, OIDC_CLIENT_SECRET)
NAMES = ("link-key", "cursor-key", "webhook-key", "signing-key")
MIN_BYTES = 32


def check(stage: Stage) -> Iterator[Finding]:
    """Check those below the stage's path in Parameter Store; a sandbox has them in the table."""
    chosen = stage.settings_of("APIHandler")
    if chosen.sandbox:
        return
    if not chosen.secrets_prefix:
        setting = f"SecretsPrefix=/cpor/{stage.name}"
        wrong = "Their path is not set: SECRETS_PREFIX is empty."
        yield Finding("secrets", wrong, deploy(stage, setting))
        return
    live = (LIVE_CLIENT_SECRET,) if chosen.directory == "live" else ()
    wanted = (*NAMES, OIDC_CLIENT_SECRET, *live)
    names = {f"{chosen.secrets_prefix.rstrip('/')}/{name}": name for name in wanted}
    answer = stage.client("ssm").get_parameters(Names=list(names), WithDecryption=True)
    yield from _check_missing(answer.get("InvalidParameters", []), names, stage)
    for parameter in answer["Parameters"]:
        yield from _check_parameter(parameter, names[parameter["Name"]], stage)
    values = [parameter["Value"] for parameter in answer["Parameters"]]
    if len(set(values)) < len(values):
        advice = f"cpor secrets change, for each of them, --stage {stage.name}"
        yield Finding("secrets", "Two of them are the same.", advice)


def _check_missing(paths: list[str], names: dict[str, str], stage: Stage) -> Iterator[Finding]:
    for path in paths:
        advice = f"cpor secrets make --stage {stage.name}"
        if names[path] == LIVE_CLIENT_SECRET:
            advice = f"aws ssm put-parameter --type SecureString --name {path} --value …"
        yield Finding(f"secret {path}", "It is missing.", advice)


def _check_parameter(parameter: dict[str, Any], name: str, stage: Stage) -> Iterator[Finding]:
    where = f"secret {parameter['Name']}"
    if parameter["Type"] != "SecureString":
        wrong = f"It is not encrypted: its type is {parameter['Type']}."
        yield Finding(where, wrong, "Delete it and create a new one as SecureString.")
    if name not in GIVEN and not _is_key(parameter["Value"]):
        wrong = f"It is not {MIN_BYTES} bytes or more in hexadecimal."
        yield Finding(where, wrong, f"cpor secrets change {name} --stage {stage.name}")


def _is_key(value: str) -> bool:
    try:
        return len(bytes.fromhex(value)) >= MIN_BYTES
    except ValueError:
        return False
