"""The service's own work for filing a claim in a warm process, next to the same filing in other
frameworks (`bench/peers`).

    python -m bench.warm           instructions (valgrind) and CPU time, as ratios to `bare`
    python -m bench.warm --time    CPU time only

Every peer validates with the product's model, files with its use case, and calls AWS with the same
clients, whose answers are played back (`bench.taped`). Instructions are the difference between runs
of N and of 2 N requests. Times are paired: in every round each peer serves in this process, and the
ratio to the bare function is taken per round.

"Complete": with the parts that the contract requires around a request
(`bench.peers.endpoint.CompleteEndpoint`), which this service always has. Only that is the same
endpoint; the others show what a framework costs, and what those parts cost.
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
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median, quantiles

from .fixtures import fixtures
from .peers.endpoint import CompleteEndpoint, Endpoint

ROOT = Path(__file__).resolve().parent.parent
FRAMEWORKS = ROOT / "build" / "peers"  # where `make bench` installs requirements/bench.txt
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
PEERS |= {f"{name}+": f"{PEERS[name]}, complete" for name in ("bare", "chalice_alone", *OTHERS)}
# Times the bare function, and times the cheapest framework at the
# complete endpoint.
GOAL, FRAMEWORK_GOAL = 1.15, 1.01
REQUESTS, ROUNDS = 10, 31
REQUESTS_PER_TURN = 10
Serve = Callable[[], None]


def main() -> int:
    """Print the table; fail when a goal is missed."""
    sys.path.append(str(FRAMEWORKS))
    reader = argparse.ArgumentParser(description=__doc__)
    reader.add_argument("--time", action="store_true")
    reader.add_argument("--serve", choices=PEERS, help=argparse.SUPPRESS)
    reader.add_argument("--requests", type=int, default=REQUESTS, help=argparse.SUPPRESS)
    options = reader.parse_args()
    if options.serve:
        _serve(options.serve, options.requests)
    times = measure_times()
    counts: dict[str, float] = {}
    if not options.time and shutil.which("valgrind"):
        counts = {name: count_instructions(name) for name in PEERS}
    print_table(times, counts)
    costs = counts or {name: median(ratios) for name, ratios in times.items()}
    cheapest = min(costs[f"{name}+"] for name in OTHERS)
    ratios = costs["product"] / costs["bare"], costs["product"] / cheapest
    print(
        f"\nthis service / bare: {ratios[0]:.3f}, goal {GOAL}; "
        f"/ the cheapest framework, complete: {ratios[1]:.3f}, goal {FRAMEWORK_GOAL}"
    )
    return int(ratios[0] > GOAL or ratios[1] > FRAMEWORK_GOAL)


def measure_times() -> dict[str, list[float]]:
    """Measure the ratio of each peer's CPU time to the bare function's, round by round."""
    peers = {name: prepare(name) for name in PEERS}
    spent: dict[str, list[float]] = {name: [] for name in PEERS}
    with _silence():
        for turn in range(ROUNDS):
            names = list(PEERS)
            for name in names[turn % len(names) :] + names[: turn % len(names)]:
                spent[name].append(_measure_turn(peers[name]))
    print(
        f"a bare filing takes {median(spent['bare']) / REQUESTS_PER_TURN * 1e6:.0f} µs of CPU here"
    )
    return {
        name: [one / bare for one, bare in zip(seconds, spent["bare"], strict=True)]
        for name, seconds in spent.items()
    }


def count_instructions(name: str) -> float:
    """Count the instructions for one request of a peer: what N more requests add, by N."""
    return (_count_run(name, 2 * REQUESTS) - _count_run(name, REQUESTS)) / REQUESTS


def prepare(name: str) -> Serve:
    """Make a warm peer whose calls to AWS are recorded and will be played back."""
    shared = fixtures()
    endpoint = (CompleteEndpoint if name.endswith("+") else Endpoint)(
        shared.services, shared.tokens
    )
    handle = importlib.import_module(f"bench.peers.{name.removesuffix('+')}").handler(endpoint)

    def serve() -> None:
        # JSON both ways, as Lambda's runtime does around a handler.
        answer = json.loads(json.dumps(handle(json.loads(shared.event), None)))
        if answer["statusCode"] != 201:
            raise AssertionError(answer)

    with _silence():
        serve()
        shared.tape.replay()
        for _ in range(3):
            serve()
    return serve


def print_table(times: dict[str, list[float]], counts: dict[str, float]) -> None:
    """Print a line for each peer."""
    heading = f"{'':<36}{'M instr':>9}{'x bare':>8}{'above bare':>12}"
    print(f"\n{heading}   CPU time x bare, median (quartiles)")
    for name, title in PEERS.items():
        low, _, high = quantiles(times[name], n=4)
        numbers = " " * 29
        if counts:
            own, bare = counts[name], counts["bare"]
            numbers = f"{own / 1e6:>9.2f}{own / bare:>8.3f}{(own - bare) / 1e3:>10.0f} k"
        print(f"{title:<36}{numbers}   {median(times[name]):.3f} ({low:.3f} to {high:.3f})")


def _measure_turn(serve: Serve) -> float:
    start = time.process_time()
    for _ in range(REQUESTS_PER_TURN):
        serve()
    return time.process_time() - start


def _count_run(name: str, requests: int) -> int:
    """Count all instructions of a process that serves so many requests, without random hashing."""
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
    done = subprocess.run(
        command,
        cwd=ROOT,
        env=os.environ | {"PYTHONHASHSEED": "0"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=True,
    )
    found = re.search(r"I\s+refs:\s+([\d,]+)", done.stderr)
    if found is None:
        raise RuntimeError(done.stderr)
    return int(found[1].replace(",", ""))


def _serve(name: str, requests: int) -> None:
    """Serve, and exit at once."""
    serve = prepare(name)
    gc.collect()
    gc.disable()  # it would run at random and be counted
    with _silence():
        for _ in range(requests):
            serve()
    os._exit(0)


@contextlib.contextmanager
def _silence() -> Iterator[None]:
    """Discard what is printed in the block."""
    with open(os.devnull, "w") as nowhere, contextlib.redirect_stdout(nowhere):
        yield


if __name__ == "__main__":
    sys.exit(main())
