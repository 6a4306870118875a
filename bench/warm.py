"""Our own work for filing a claim in a warm process, beside the same filing in other frames
(`bench/peers`).

    python -m bench.warm            instructions (valgrind) and CPU time, as ratios to the bare
    function python -m bench.warm --time     CPU time only

Every peer validates with the product's model, files with its use case, and calls AWS with the same
clients, whose answers are played back (`bench.taped`). Instructions are the difference between runs
of N and of 2 N requests. Times are paired: in every round each peer has its turn in this process,
and the ratio to the bare function is taken per round.

"Promising": with the edge that the contract asks for (`bench.peers.endpoint.Promising`), which this
service always has. Only that is the same endpoint; the others show what a framework costs, and what
the promises do.
"""

import argparse
import contextlib
import gc
import importlib
import json
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median, quantiles

from .fixtures import fixtures
from .peers.endpoint import Endpoint, Promising

ROOT = Path(__file__).resolve().parent.parent
FRAMEWORKS = ROOT / "build" / "peers"  # where `make bench` puts what requirements/bench.txt names
PEERS = {
    "calls": "the calls alone",
    "bare": "bare function",
    "chalice_alone": "Chalice alone",
    "product": "this service",
    "powertools": "Powertools' resolver",
    "fastapi_mangum": "FastAPI + Mangum",
    "flask_wsgi": "Flask + serverless-wsgi",
}
OTHERS = ("powertools", "fastapi_mangum", "flask_wsgi")
PEERS |= {f"{name}+": f"{PEERS[name]}, promising" for name in ("bare", "chalice_alone", *OTHERS)}
GOAL = 1.15  # times the bare function (quality figures, "Fast and cheap")
REQUESTS, ROUNDS, EACH = 10, 31, 10
Serve = Callable[[], None]


def main() -> int:
    """Prints the table; fails when a goal is missed."""
    sys.path.append(str(FRAMEWORKS))
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--time", action="store_true")
    asked.add_argument("--serve", choices=PEERS, help=argparse.SUPPRESS)
    asked.add_argument("--requests", type=int, default=REQUESTS, help=argparse.SUPPRESS)
    said = asked.parse_args()
    if said.serve:
        _serve(said.serve, said.requests)
    times = timed()
    counted = (
        {name: instructions(name) for name in PEERS}
        if not said.time and shutil.which("valgrind")
        else {}
    )
    show(times, counted)
    costs = counted or {name: median(ratios) for name, ratios in times.items()}
    return (
        0
        if costs["product"] <= GOAL * costs["bare"]
        and all(costs["product"] < costs[f"{name}+"] for name in OTHERS)
        else 1
    )


def timed() -> dict[str, list[float]]:
    """For each peer the ratio of its CPU time to the bare function's, round by round."""
    served = {name: ready(name) for name in PEERS}
    spent: dict[str, list[float]] = {name: [] for name in PEERS}
    with _silence():
        for turn in range(ROUNDS):
            names = list(PEERS)
            for name in names[turn % len(names) :] + names[: turn % len(names)]:
                spent[name].append(_spent(served[name]))
    print(f"a bare filing takes {median(spent['bare']) / EACH * 1e6:.0f} µs of CPU here")
    return {
        name: [one / bare for one, bare in zip(took, spent["bare"], strict=True)]
        for name, took in spent.items()
    }


def instructions(name: str) -> float:
    """Instructions for one request of a peer: what N more of them add."""
    return (_counted(name, 2 * REQUESTS) - _counted(name, REQUESTS)) / REQUESTS


def ready(name: str) -> Serve:
    """A peer, warm, over a tape that has been recorded and rewound."""
    some = fixtures()
    endpoint = (Promising if name.endswith("+") else Endpoint)(some.services, some.tokens)
    handle = importlib.import_module(f"bench.peers.{name.removesuffix('+')}").handler(endpoint)

    def serve() -> None:
        answer = json.loads(
            json.dumps(handle(json.loads(some.event), None))
        )  # as Lambda's runtime does around a handler
        if answer["statusCode"] != 201:
            raise AssertionError(answer)

    with _silence():
        serve()
        some.tape.rewind()
        for _ in range(3):
            serve()
    return serve


def show(times: dict[str, list[float]], counted: dict[str, float]) -> None:
    """A line for each peer."""
    heading = f"{'':<36}{'M instr':>9}{'x bare':>8}{'above bare':>12}"
    print(f"\n{heading}   CPU time x bare, median (quartiles)")
    for name, title in PEERS.items():
        low, _, high = quantiles(times[name], n=4)
        numbers = " " * 29
        if counted:
            own, bare = counted[name], counted["bare"]
            numbers = f"{own / 1e6:>9.2f}{own / bare:>8.3f}{(own - bare) / 1e3:>10.0f} k"
        print(f"{title:<36}{numbers}   {median(times[name]):.3f} ({low:.3f} to {high:.3f})")
    print(
        f"\ngoals: this service at most {GOAL} x bare, "
        "and less than every other framework with the same promises"
    )


def _spent(serve: Serve) -> float:
    began = time.process_time()
    for _ in range(EACH):
        serve()
    return time.process_time() - began


def _counted(name: str, requests: int) -> int:
    """All instructions of a process that serves so many requests.

    Chance in hashing is off: it would be noise.
    """
    command = [
        "valgrind",
        "--tool=cachegrind",
        "--cache-sim=no",
        "--cachegrind-out-file=/dev/null",
        sys.executable,
        "-m",
        "bench.warm",
        "--serve",
        name,
        "--requests",
        str(requests),
    ]
    ended = subprocess.run(
        command,
        cwd=ROOT,
        env=os.environ | {"PYTHONHASHSEED": "0"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=True,
    )
    found = re.search(r"I\s+refs:\s+([\d,]+)", ended.stderr)
    if found is None:
        raise RuntimeError(ended.stderr)
    return int(found[1].replace(",", ""))


def _serve(name: str, requests: int) -> None:
    """Serves, and leaves without tidying up."""
    serve = ready(name)
    gc.collect()
    gc.disable()  # when it runs is chance, and it would be counted
    with _silence():
        for _ in range(requests):
            serve()
    os._exit(0)


@contextlib.contextmanager
def _silence():  # type: ignore[no-untyped-def]  # a generator of nothing
    """What is printed meanwhile goes nowhere."""
    with open(os.devnull, "w") as nowhere, contextlib.redirect_stdout(nowhere):
        yield


if __name__ == "__main__":
    sys.exit(main())
