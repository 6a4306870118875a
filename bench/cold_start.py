"""What a new process costs until its first answer: instructions, and time on the processor, side by
side.

    python -m bench.cold_start --rounds 9

Every process runs under AWS's own runtime client with the runtime's boto3 beside it
(tests/package): our package files a claim in production's set-up; the same application as `chalice
package` leaves it does the same; and a bare function writes one item with one boto3 client.
Instructions are counted by valgrind without a model of the cache, time is the process's own (user),
rounds interleaved. Everything goes over TLS, as on AWS: the roots that a process trusts are its
package's own, or botocore's, and one that signs for this machine.
"""

import argparse
import json
import re
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import botocore

from tests.packaging import lambda_runtime, surroundings
from tests.packaging.surroundings import Surroundings
from tests.support.api_gateway import event
from tools.errors import ToolError
from tools.packaging import botocore_data
from tools.packaging.chalice_project import CHALICE
from tools.packaging.package import ROOT, package
from tools.packaging.target import HOST

BARE = """
import os
import boto3

database = boto3.client("dynamodb")


def answer(event, context):
    row = {"pk": {"S": event["key"]}, "sk": {"S": "-"}}
    database.put_item(TableName=os.environ["TABLE_NAME"], Item=row)
    return {"statusCode": 201}
"""
COUNTING = ("valgrind", "--tool=cachegrind", "--cache-sim=no", "--cachegrind-out-file=/dev/null")
BUNDLE = "trusted.pem"
BOTOCORE = re.compile(
    r"^(?:botocore|jmespath|python-dateutil|six|urllib3)==.*\n(?: .*\n)*", re.MULTILINE
)
GOALS = {"stock": 0.35, "bare": 1.6}  # quality.md, "Fast and cheap"
SLOW = 300.0  # seconds that a counted process may take: valgrind runs fifty times slower


@dataclass(frozen=True)
class Case:
    """A function to start: where it lies, what is called, and its first event in a place."""

    name: str
    task: Path
    handler: str
    event: Callable[[Surroundings], Any]


def main() -> int:
    """Measures and prints.

    Answers how many goals are missed, by instructions or, where nobody counts them, by time.
    """
    reader = argparse.ArgumentParser(prog="python -m bench.cold_start")
    reader.add_argument("--rounds", type=int, default=9)
    rounds = reader.parse_args().rounds
    with _bench() as (here, beside, cases):
        counted = (
            {case.name: _instructions(case, beside, here) for case in cases}
            if shutil.which(COUNTING[0])
            else {}
        )
        times = [{case.name: _seconds(case, beside, here) for case in cases} for _ in range(rounds)]
    print(f"{'':<8}{'instructions, M':>18}{'user time, ms (median of ' + str(rounds) + ')':>36}")
    for case in cases:
        middle = statistics.median(one[case.name] for one in times) * 1000
        print(f"{case.name:<8}{counted.get(case.name, 0) / 1e6:>18,.0f}{middle:>36.0f}")
    missed = 0
    for other, goal in GOALS.items():
        paired = statistics.median(one["ours"] / one[other] for one in times)
        exact = counted["ours"] / counted[other] if counted else None
        missed += (exact or paired) > goal
        instructions = f"{exact:.3f}" if exact else "not counted (no valgrind)"
        print(f"ours / {other}: instructions {instructions}, user time {paired:.3f}, goal {goal}")
    return missed


@contextmanager
def _bench() -> Iterator[tuple[Surroundings, Path, list[Case]]]:
    made = package("prod", HOST)
    with tempfile.TemporaryDirectory() as folder:
        at = Path(folder)
        (at / "bare").mkdir()
        (at / "bare" / "bare.py").write_text(BARE)
        cases = [
            Case("ours", lambda_runtime.unpack(made.zip, at / "ours"), "app.app", _filing),
            Case(
                "stock",
                lambda_runtime.unpack(_stock(at / "project"), at / "stock"),
                "app.app",
                _filing,
            ),
            Case("bare", at / "bare", "bare.answer", lambda here: {"key": uuid.uuid4().hex}),
        ]
        engine = at / "engine"
        engine.mkdir()
        with (
            surroundings.start(engine, made.template) as here,
            surroundings.tunnel(here.endpoint, engine) as address,
        ):
            _trust(cases, engine)
            addresses = {
                "AWS_ENDPOINT_URL": address,
                "WORK_QUEUE_URL": here.variables["WORK_QUEUE_URL"].replace(here.endpoint, address),
            }
            there = replace(here, variables=here.variables | addresses)
            yield there, lambda_runtime.link_provided(at / "runtime"), cases


def _trust(cases: list[Case], engine: Path) -> None:
    """Adds the root that signs for this machine to those each process trusts."""
    ours = (engine / "issuer.pem").read_bytes()
    with (cases[0].task / botocore_data.AMAZON_ROOTS).open("ab") as known:
        known.write(ours)
    whole = Path(botocore.__file__).with_name("cacert.pem").read_bytes()
    for case in cases[1:]:
        (case.task / BUNDLE).write_bytes(whole + ours)


def _stock(project: Path) -> Path:
    """The zip as `chalice package` makes it by itself, with all that the application requires but
    botocore, which Lambda provides compiled.
    """
    ignored = shutil.ignore_patterns("__pycache__", "deployments", "deployed")
    for name in ("chalicelib", ".chalice"):
        shutil.copytree(ROOT / name, project / name, ignore=ignored)
    shutil.copy2(ROOT / "app.py", project)
    requirements = (ROOT / "requirements.txt").read_text()
    (project / "requirements.txt").write_text(BOTOCORE.sub("", requirements))
    done = subprocess.run(
        [sys.executable, "-c", CHALICE, "package", "--stage", "prod", "out"],
        cwd=project,
        check=False,
        capture_output=True,
        text=True,
        env={"AWS_DEFAULT_REGION": "us-east-1", "PATH": "/usr/bin:/bin", "HOME": str(project)},
    )
    if done.returncode:
        raise ToolError(
            f"`chalice package` failed:\n{done.stderr[-2000:]}",
            "See that the package index can be reached.",
        )
    return project / "out" / "deployment.zip"


def _filing(here: Surroundings) -> dict[str, Any]:
    import app

    said = {
        "Authorization": f"Bearer {here.token}",
        "Content-Type": "application/json",
        "Idempotency-Key": uuid.uuid4().hex,
    }
    return event(app.app, "POST", "/v1/claims", said, json.dumps(here.filing()).encode())


def _run(case: Case, beside: Path, here: Surroundings, under: Sequence[str] = ()) -> Path:
    """From a new process to its first answer, which must be that something is stored.

    Answers what it said.
    """
    fresh = here.with_new_table()
    trusted = {"AWS_CA_BUNDLE": str(case.task / BUNDLE)} if (case.task / BUNDLE).exists() else {}
    with lambda_runtime.start(
        case.task, case.handler, beside, fresh.variables | trusted, under
    ) as function:
        answer = function(case.event(fresh), SLOW)
    assert answer["statusCode"] == 201, answer
    return function.log


def _seconds(case: Case, beside: Path, here: Surroundings) -> float:
    before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
    _run(case, beside, here)
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - before


def _instructions(case: Case, beside: Path, here: Surroundings) -> int:
    said = _run(case, beside, here, COUNTING).read_text()
    found = re.search(r"I\s+refs:\s+([\d,]+)", said)
    assert found, said
    return int(found[1].replace(",", ""))


if __name__ == "__main__":
    sys.exit(main())
