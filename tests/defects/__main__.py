"""Run the test that must find a deliberate defect: `python -m tests.defects NAME`.

The test is one of the suite, and passes there. Here the defect is switched on when everything has
been collected, and the answer is 0 when the test fails by itself, 1 when it does not.
"""

import argparse
import sys
from collections.abc import Generator
from typing import Any

import pytest

from tests.defects.defects import DEFECTS
from tests.simulation.defects import Defect

OPTIONS = ("-x", "-q", "-p", "no:xdist", "-p", "no:cacheprovider")


class Switch:
    """A plug-in of pytest that switches a defect on while the tests run.

    `found`: the first test that failed, '' if none has.
    """

    def __init__(self, defect: Defect) -> None:
        self._defect = defect
        self.found = ""

    @pytest.hookimpl(wrapper=True)
    def pytest_runtestloop(self) -> Generator[None, Any, Any]:
        with self._defect():
            return (yield)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed and report.when == "call":
            self.found = self.found or report.nodeid


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("name", choices=[defect.__name__ for defect in DEFECTS])
    name = parser.parse_args().name
    defect, test = next(one for one in DEFECTS.items() if one[0].__name__ == name)
    switch = Switch(defect)
    pytest.main([test, *OPTIONS], plugins=[switch])
    print(f"{name}: {switch.found or 'not found'}")
    return 0 if switch.found else 1


if __name__ == "__main__":
    sys.exit(main())
