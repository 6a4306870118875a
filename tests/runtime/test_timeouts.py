"""No function that writes claims runs longer than a position in the event feed takes to settle."""

import json
from datetime import timedelta

from chalicelib.usecases.event_feed import SETTLED
from tools.packaging.package import ROOT


def test_no_function_runs_longer_than_positions_take_to_settle():
    config = json.loads((ROOT / ".chalice" / "config.json").read_text())
    limits = [config["lambda_timeout"]]
    for stage in config["stages"].values():
        limits += [one["lambda_timeout"] for one in stage["lambda_functions"].values()]

    # The time between the limit and the moment of settling is for the index to lag.
    assert timedelta(seconds=max(limits)) <= SETTLED / 2
