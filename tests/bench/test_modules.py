"""The benchmarks still run after a change: every module imports, and the peers answer a filing."""

import importlib
import subprocess
import sys

from tests.support.source_tree import ROOT, modules

# What needs no library beyond the tests' own; bench/peers has its own requirements.
PEERS = ("bare", "bare+", "calls", "chalice_alone", "product")
SERVE = """
import sys
from bench.warm import prepare
for name in sys.argv[1:]:
    prepare(name)()
"""


def test_every_benchmark_imports():
    names = [m.name for m in modules("bench") if not m.path.startswith("bench/peers/")]

    assert [importlib.import_module(name).__name__ for name in names] == names


def test_every_peer_answers_a_filing():
    done = subprocess.run(
        [sys.executable, "-c", SERVE, *PEERS],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )

    assert done.returncode == 0, done.stderr
