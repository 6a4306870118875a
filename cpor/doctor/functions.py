"""The functions: ready, on the Python that packaged them, and without secrets in clear."""

import re
from collections.abc import Iterator

from cpor.doctor.finding import FUNCTIONS, Finding, deploy
from cpor.doctor.stack import template
from cpor.stage import Stage
from tools.packaging.target import TARGETS

READY = frozenset({"Active", "Inactive"})
OUTPUTS = {
    "TABLE_NAME": "TableName",
    "WORK_QUEUE_URL": "WorkQueueUrl",
    "EVIDENCE_BUCKET": "EvidenceBucketName",
}
SECRET_NAME = re.compile(r"(^|_)(KEY|KEYS|SECRET|PASSWORD|TOKEN|CREDENTIALS?)$")
SECRET_VALUE = re.compile(
    r"^[0-9a-fA-F]{32,}$"
    r"|(^|[^A-Z0-9])(AKIA|ASIA)[A-Z0-9]{16}"  # an access key id of AWS
    r"|-----BEGIN"
    r"|^eyJ[\w-]+\.[\w-]+\."  # a JSON Web Token
    r"|://[^/@\s]+:[^/@\s]+@"  # a URL with a password
)


def check(stage: Stage) -> Iterator[Finding]:
    """Check that each is ready, on the Python and the architecture that its zip is for."""
    target = TARGETS[stage.name]
    for name in FUNCTIONS:
        found, where = stage.configuration(name), f"function {name}"
        state, last_update = found.get("State", "Active"), found.get("LastUpdateStatus")
        if state not in READY or last_update == "Failed":
            reason = found.get("StateReason") or found.get("LastUpdateStatusReason") or state
            yield Finding(where, f"It is not ready: {reason}.", deploy(stage))
        runs_on = f"{found['Runtime']} on {', '.join(found.get('Architectures', ['x86_64']))}"
        if runs_on != f"{target.runtime} on {target.architecture}":
            wrong = f"It runs {runs_on}, but is packaged for {target}: it cannot start."
            yield Finding(where, wrong, deploy(stage))


def check_environment(stage: Stage) -> Iterator[Finding]:
    """Check the environment variables: complete, naming what the stack has, without secrets."""
    for name in FUNCTIONS:
        variables = stage.configuration(name).get("Environment", {}).get("Variables", {})
        where = f"environment of {name}"
        if missing := sorted(_list_expected_names(stage.name) - set(variables)):
            yield Finding(where, f"{', '.join(missing)} not set.", deploy(stage))
        if variables.get("STAGE", stage.name) != stage.name:
            wrong = f"It says STAGE={variables['STAGE']}, and this is {stage.name}."
            yield Finding(where, wrong, deploy(stage))
        yield from _check_outputs(where, variables, stage)
        for variable in sorted(find_secrets(variables)):
            yield Finding(
                where,
                f"{variable} looks like a secret in clear (its value is not printed).",
                "Remove it, put it into Parameter Store, and replace it: others may have read it.",
            )


def find_secrets(variables: dict[str, str]) -> set[str]:
    """Return the names of the variables that look like secrets, by name or by value."""
    return {
        name
        for name, value in variables.items()
        if value and (SECRET_NAME.search(name) or SECRET_VALUE.search(value))
    }


def _check_outputs(where: str, variables: dict[str, str], stage: Stage) -> Iterator[Finding]:
    for variable, output in OUTPUTS.items():
        if variable in variables and variables[variable] != stage.output(output):
            value = variables[variable] or "nothing"
            wrong = f"{variable} names {value}, the stack has {stage.output(output)}."
            yield Finding(where, wrong, deploy(stage))


def _list_expected_names(stage: str) -> set[str]:
    """Return the names that infra/ sets, and the one that .chalice/config.json sets."""
    return {*template(stage)["Globals"]["Function"]["Environment"]["Variables"], "STAGE"}
