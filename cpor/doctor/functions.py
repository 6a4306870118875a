"""The functions: ready, on the Python that packaged them, told what they need, and told no secret."""

import re
from collections.abc import Iterator
from typing import Any

from cpor.doctor.finding import FUNCTIONS, Finding, deploy
from cpor.doctor.stack import template
from cpor.stage import Stage
from tools.packaging.target import TARGETS

SAME = {
    "TABLE_NAME": "TableName",
    "WORK_QUEUE_URL": "WorkQueueUrl",
    "EVIDENCE_BUCKET": "EvidenceBucketName",
}
SECRET_NAME = re.compile(r"(^|_)(KEY|KEYS|SECRET|PASSWORD|TOKEN|CREDENTIALS?)$")
SECRET_VALUE = re.compile(
    r"^[0-9a-fA-F]{32,}$|(^|[^A-Z0-9])(AKIA|ASIA)[A-Z0-9]{16}|-----BEGIN|^eyJ[\w-]+\.[\w-]+\.|://[^/@\s]+:[^/@\s]+@"
)


def snapshot(stage: Stage) -> Iterator[Finding]:
    """Each is ready, and runs on the Python and the architecture that its zip is for."""
    for name in FUNCTIONS:
        told = _told(stage, name)
        if (
            told.get("State", "Active") not in {"Active", "Inactive"}
            or told.get("LastUpdateStatus", "Successful") == "Failed"
        ):
            yield Finding(
                f"function {name}",
                f"It is not ready: {told.get('StateReason') or told.get('LastUpdateStatusReason') or told.get('State')}.",
                deploy(stage),
            )
        target = TARGETS[stage.name]
        runs_on = f"{told['Runtime']} on {', '.join(told.get('Architectures', ['x86_64']))}"
        if runs_on != f"{target.runtime} on {target.architecture}":
            yield Finding(
                f"function {name}",
                f"It runs {runs_on}, but is packaged for {target}: it cannot start.",
                deploy(stage),
            )


def environment(stage: Stage) -> Iterator[Finding]:
    """Every name that this version sets is set, names what the stack has, and none of them holds a
    secret.
    """
    for name in FUNCTIONS:
        told, where = (
            _told(stage, name).get("Environment", {}).get("Variables", {}),
            f"environment of {name}",
        )
        if lacking := sorted(_names(stage.name) - set(told)):
            yield Finding(where, f"{', '.join(lacking)} not set.", deploy(stage))
        if told.get("STAGE", stage.name) != stage.name:
            yield Finding(
                where, f"It says STAGE={told['STAGE']}, and this is {stage.name}.", deploy(stage)
            )
        for variable, output in SAME.items():
            if variable in told and told[variable] != stage.output(output):
                yield Finding(
                    where,
                    f"{variable} names {told[variable] or 'nothing'}, the stack has {stage.output(output)}.",
                    deploy(stage),
                )
        for variable in sorted(_telltale(told)):
            yield Finding(
                where,
                f"{variable} looks like a secret in clear (its value is not shown here).",
                "Take it out, put it into Parameter Store, and change it: whoever could read it may have.",
            )


def _telltale(told: dict[str, str]) -> set[str]:
    return {
        name
        for name, value in told.items()
        if value and (SECRET_NAME.search(name) or SECRET_VALUE.search(value))
    }


def _names(stage: str) -> set[str]:
    """The names that infra/ sets, and the one that .chalice/config.json sets."""
    return {*template(stage)["Globals"]["Function"]["Environment"]["Variables"], "STAGE"}


def _told(stage: Stage, name: str) -> dict[str, Any]:
    told: dict[str, Any] = stage.client("lambda").get_function_configuration(
        FunctionName=stage.physical(name)
    )
    return told
