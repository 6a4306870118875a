"""What a new process costs until its first answer: instructions, and time on the processor.

    python -m bench.cold_start --rounds 9 [--pages]

Every process runs under AWS's own runtime client with what Lambda provides (tests/packaging):

- ours: the package files a claim in production's set-up;
- page: the package shows a customer the page that their first mail links to;
- stock: the same application as `chalice package` leaves it;
- stock, lean: the same without what Lambda provides, compiled, such as botocore;
- bare: a function that writes one item with one boto3 client.

With `--pages`, a refusal by ours is compared with one without what pages for people who sign in
add: their routes, and the stored models of sessions and preferences.

valgrind counts instructions without a model of the cache; time is the user time of the process,
with the rounds of all cases interleaved. Everything goes over TLS, as on AWS: a process trusts the
root certificates of its package, or botocore's, and one that signs for this machine.
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
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path
from typing import Any

import botocore

from bench.without_pages import make_refused_request, take_pages_out
from chalicelib.aws.queue import NullQueue
from chalicelib.aws.secrets import SsmSecrets
from chalicelib.ports import Mail
from chalicelib.runtime import wiring
from chalicelib.usecases.due_work import run_due_work
from cpor.stage import parse_settings
from tests.packaging import lambda_runtime, surroundings
from tests.packaging.surroundings import Surroundings
from tests.support.api_gateway import event
from tools.errors import ToolError
from tools.packaging import botocore_data
from tools.packaging.chalice_project import CHALICE, copy_project
from tools.packaging.package import ROOT, package
from tools.packaging.target import HOST

BARE = """
import os
import boto3

database = boto3.client("dynamodb")


def answer(event, context):
    item = {"pk": {"S": event["key"]}, "sk": {"S": "-"}}
    database.put_item(TableName=os.environ["TABLE_NAME"], Item=item)
    return {"statusCode": 201}
"""
COUNT = ("valgrind", "--tool=cachegrind", "--cache-sim=no", "--cachegrind-out-file=/dev/null")
BUNDLE = "trusted.pem"
# What Lambda provides too, compiled (tests/packaging/lambda_runtime.py).
PROVIDED = re.compile(
    r"^(?:botocore|jmespath|python-dateutil|six|urllib3)==.*\n(?: .*\n)*", re.MULTILINE
)
# At most so many times the second case.
GOALS = {
    ("ours", "stock"): 0.35,
    ("ours", "stock, lean"): 0.35,
    ("ours", "bare"): 1.6,
    ("page", "ours"): 1.25,
    ("ours", "without pages"): 1.01,
}
SLOW = 300.0  # seconds that a counted process may take: valgrind runs fifty times slower


@dataclass(frozen=True)
class Case:
    """A function to start: its folder, handler, first event, and the status that answers it."""

    name: str
    task: Path
    handler: str
    make_event: "Callable[[Bench, Surroundings], Any]"
    status: int = 201


@dataclass(frozen=True)
class Bench:
    """The cases, and what they run against. `provided`: the folder of what Lambda provides."""

    here: Surroundings
    provided: Path
    cases: list[Case]


class LinkCatcher:
    """A mail sender that keeps the links of the mails."""

    def __init__(self) -> None:
        self.links: list[str] = []

    def send(self, mail: Mail, now: datetime) -> str:
        self.links += mail.links
        return uuid.uuid4().hex


def main() -> int:
    """Measure and print.

    Returns how many goals are missed, by instructions or, where valgrind is missing, by time.
    """
    reader = argparse.ArgumentParser(prog="python -m bench.cold_start")
    reader.add_argument("--rounds", type=int, default=9)
    reader.add_argument("--pages", action="store_true", help="only what the pages add to ours")
    chosen = reader.parse_args()
    with _set_up(_make_page_cases if chosen.pages else _make_cases) as bench:
        counts: dict[str, int] = {}
        if shutil.which(COUNT[0]):
            counts = {case.name: _count_instructions(bench, case) for case in bench.cases}
        times = [
            {case.name: _measure_seconds(bench, case) for case in bench.cases}
            for _ in range(chosen.rounds)
        ]
    print(f"{'':<15}{'instructions, M':>18}{f'user time, ms (median of {chosen.rounds})':>36}")
    for case in bench.cases:
        median = statistics.median(one[case.name] for one in times) * 1000
        print(f"{case.name:<15}{counts.get(case.name, 0) / 1e6:>18,.0f}{median:>36.0f}")
    return sum(_print_ratio(*pair, counts, times) for pair in GOALS if times[0].keys() >= set(pair))


def _print_ratio(
    one: str, other: str, counts: dict[str, int], times: list[dict[str, float]]
) -> bool:
    """Print the ratio of a case to another; return whether it misses its goal."""
    paired = statistics.median(time[one] / time[other] for time in times)
    exact = counts[one] / counts[other] if counts else None
    shown = "not counted (no valgrind)" if exact is None else f"{exact:.3f}"
    goal = GOALS[one, other]
    print(f"{one} / {other}: instructions {shown}, user time {paired:.3f}, goal {goal}")
    return (exact or paired) > goal


@contextmanager
def _set_up(make_cases: Callable[[Path, Path], list[Case]]) -> Iterator[Bench]:
    made = package("prod", HOST)
    with tempfile.TemporaryDirectory() as folder:
        at = Path(folder)
        cases = make_cases(made.zip, at)
        engine = at / "engine"
        engine.mkdir()
        with (
            surroundings.start(engine, made.template) as here,
            surroundings.tunnel(here.endpoint, engine) as address,
        ):
            _trust_this_machine(cases, (engine / "issuer.pem").read_bytes())
            variables = here.variables | {
                "AWS_ENDPOINT_URL": address,
                "WORK_QUEUE_URL": here.variables["WORK_QUEUE_URL"].replace(here.endpoint, address),
            }
            provided = lambda_runtime.link_provided(at / "runtime")
            yield Bench(replace(here, variables=variables), provided, cases)


def _make_cases(ours: Path, at: Path) -> list[Case]:
    requirements = (ROOT / "requirements.txt").read_text()
    zips = {
        "ours": ours,
        "page": ours,
        "stock": _package_stock(at / "stock-project", requirements),
        "stock, lean": _package_stock(at / "lean-project", PROVIDED.sub("", requirements)),
    }
    cases = [
        Case(name, lambda_runtime.unpack(zipped, at / name), "app.app", _make_filing)
        for name, zipped in zips.items()
    ]
    cases[1] = replace(cases[1], make_event=_make_page_request, status=200)
    (at / "bare").mkdir()
    (at / "bare" / "bare.py").write_text(BARE)
    return [
        *cases,
        Case("bare", at / "bare", "bare.answer", lambda *_: {"key": uuid.uuid4().hex}),
    ]


def _make_page_cases(ours: Path, at: Path) -> list[Case]:
    tasks = {name: lambda_runtime.unpack(ours, at / name) for name in ("ours", "without pages")}
    take_pages_out(tasks["without pages"])
    return [Case(name, task, "app.app", make_refused_request, 401) for name, task in tasks.items()]


def _package_stock(project: Path, requirements: str) -> Path:
    """Return the zip that `chalice package` makes by itself."""
    copy_project(ROOT, project, HOST.architecture)
    (project / "requirements.txt").write_text(requirements)
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
            "Check that the package index can be reached.",
        )
    return project / "out" / "deployment.zip"


def _trust_this_machine(cases: list[Case], certificate: bytes) -> None:
    """Add the root certificate of this machine to those that each process trusts."""
    whole = Path(botocore.__file__).with_name("cacert.pem").read_bytes()
    for case in cases:
        ours = case.task / botocore_data.AMAZON_ROOTS
        if ours.exists():
            ours.write_bytes(ours.read_bytes() + certificate)
        else:
            (case.task / BUNDLE).write_bytes(whole + certificate)


def _make_filing(bench: Bench, here: Surroundings) -> dict[str, Any]:
    import app

    headers = {
        "Authorization": f"Bearer {here.token}",
        "Content-Type": "application/json",
        "Idempotency-Key": uuid.uuid4().hex,
    }
    return event(app.app, "POST", "/v1/claims", headers, json.dumps(here.filing()).encode())


def _make_page_request(bench: Bench, here: Surroundings) -> dict[str, Any]:
    """File a claim, have the customer's mail sent, and follow its link."""
    import app

    ours = bench.cases[0]
    answer, _ = _run(bench, ours, here, ours.make_event(bench, here))
    claim_id = json.loads(answer["body"])["claims"][0]["id"]
    mails = LinkCatcher()
    chosen = parse_settings(here.variables)
    services = wiring.build_services(chosen, here.client("dynamodb")).evolve(
        mail_sender=mails,
        secrets=SsmSecrets(here.client("ssm"), chosen.secrets_prefix),
        work_queue=NullQueue(),
    )
    with redirect_stdout(StringIO()):  # what the functions log
        run_due_work(services, claim_id, datetime.now(UTC))
    link = next(one for one in mails.links if "/o/" in one)
    path = link.removeprefix(here.variables["PUBLIC_BASE_URL"])
    return event(app.app, "GET", path, {"Accept": "text/html"})


def _run(
    bench: Bench, case: Case, here: Surroundings, first: Any, under: Sequence[str] = ()
) -> tuple[Any, str]:
    """Run a new process until its first answer; return that, and what the process printed.

    `under`: a command that runs it.
    """
    bundle = case.task / BUNDLE
    trusted = {"AWS_CA_BUNDLE": str(bundle)} if bundle.exists() else {}
    with lambda_runtime.start(
        case.task, case.handler, bench.provided, here.variables | trusted, under
    ) as function:
        answer = function(first, SLOW)
    assert answer["statusCode"] == case.status, answer
    return answer, function.log.read_text()


def _measure_seconds(bench: Bench, case: Case) -> float:
    here = bench.here.with_new_table()
    first = case.make_event(bench, here)
    before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
    _run(bench, case, here, first)
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - before


def _count_instructions(bench: Bench, case: Case) -> int:
    here = bench.here.with_new_table()
    _, printed = _run(bench, case, here, case.make_event(bench, here), COUNT)
    found = re.search(r"I\s+refs:\s+([\d,]+)", printed)
    assert found, printed
    return int(found[1].replace(",", ""))


if __name__ == "__main__":
    sys.exit(main())
