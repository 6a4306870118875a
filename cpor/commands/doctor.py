"""`cpor doctor`."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from cpor.exit_codes import DONE, NOT_RUN, PARTLY, answer, refusals
from cpor.options import Endpoint, Machines, Stack, Stage

if TYPE_CHECKING:
    from cpor.doctor.finding import Finding


def doctor(
    stage: Stage = "prod", stack: Stack = "", endpoint_url: Endpoint = "", as_json: Machines = False
) -> None:
    """Is this stage deployed right? Looks at every part and says what is wrong, where, and what to
    do.

    Changes nothing and prints no secret. 0: all is well, 1: something is wrong, 2: it could not
    look (everywhere).
    """
    from cpor.doctor import LOOKS, examine
    from cpor.stage import Stage as Deployed

    with refusals(as_json):
        deployed = Deployed(stage, stack, endpoint_url)
        found = examine(deployed)
        wrong = any(not one.blind for one in found)
        machines = {
            "ok": not found,
            "stage": stage,
            "stack": deployed.stack,
            "findings": [one._asdict() for one in found],
        }
        lines = _lines(f"{stage} ({deployed.stack})", found, list(LOOKS))
        answer(as_json, machines, lines, PARTLY if wrong else NOT_RUN if found else DONE)


def _lines(stage: str, found: "tuple[Finding, ...]", looked: list[str]) -> Iterator[str]:
    for one in found:
        yield f"{one.where}: {one.wrong}\n  To do: {one.do}"
    if found:
        wrong = sum(not one.blind for one in found)
        yield f"{stage}: {wrong} things are wrong, {len(found) - wrong} could not be looked at."
    else:
        yield f"{stage} is well. Looked at: {', '.join(looked)}."
