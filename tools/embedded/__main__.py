"""`make run`: the whole service on this machine until Ctrl-C.

python -m tools.embedded --port 8000 --feed DIR --keep DIR
"""

import argparse
import signal
import sys
import time
from pathlib import Path
from types import FrameType
from typing import NoReturn

from tools import embedded
from tools.embedded import feed
from tools.errors import CannotGoOn, told

PARTNER = '{"organisation_id": "org_northlight", "roles": ["incentives_admin"]}'
WHERE = """
Ready in {seconds:.1f} seconds.

  The service        {url}/
  The API            {url}/v1/…    described at {url}/openapi.json
  The mailbox        {url}/sandbox/mailbox
  The test clock     {url}/sandbox/clock
  The feed           {feed}    README.md there: who to be, what to file
  Kept data          {keep}
  The emulated AWS   {endpoint}    table {table}

  A partner's token:
    curl -s {url}/sandbox/tokens -H 'Content-Type: application/json' -d '{partner}'

README.md has a first claim to paste, from the filing to the active association.

Ctrl-C ends it.
"""


def main() -> int:
    """Runs until SIGINT or SIGTERM; whatever had been started by then is ended."""
    _one_signal_is_enough()
    wanted, began = _arguments(), time.monotonic()
    print("Starting ...", flush=True)
    try:
        with embedded.up(wanted.port, wanted.feed, wanted.keep) as running:
            print(_where(running, wanted, time.monotonic() - began), flush=True)
            _watch(running)
    except KeyboardInterrupt:
        print("Stopped.", flush=True)
    return 0


def _watch(running: embedded.Running) -> NoReturn:
    while not running.emulator_ended():
        time.sleep(0.5)
    raise CannotGoOn(
        "The emulator has ended.",
        "Start again; with KEEP, changes of the last seconds may be lost.",
    )


def _where(running: embedded.Running, wanted: argparse.Namespace, seconds: float) -> str:
    return WHERE.format(
        seconds=seconds, url=running.url, feed=wanted.feed, keep=wanted.keep or "nothing (KEEP=dir keeps them)",
        endpoint=running.aws_endpoint, table=running.table_name, partner=PARTNER,
    )  # fmt: skip


def _one_signal_is_enough() -> None:
    """The first SIGINT or SIGTERM stops everything, in order; further ones do not disturb the
    stopping.
    """

    def stop(number: int, frame: FrameType | None) -> NoReturn:
        for each in (signal.SIGINT, signal.SIGTERM):
            signal.signal(each, signal.SIG_IGN)
        raise KeyboardInterrupt

    for each in (signal.SIGINT, signal.SIGTERM):
        signal.signal(each, stop)


def _arguments() -> argparse.Namespace:
    reader = argparse.ArgumentParser(prog="python -m tools.embedded", description=__doc__)
    reader.add_argument("--port", type=int, default=8000)
    reader.add_argument("--feed", type=_folder, help="to import instead of the demonstration feed")
    reader.add_argument("--keep", type=_folder, help="where data stay between runs")
    wanted = reader.parse_args()
    wanted.feed = wanted.feed or feed.DEMONSTRATION
    return wanted


def _folder(text: str) -> Path | None:
    return Path(text).expanduser().resolve() if text else None


if __name__ == "__main__":
    sys.exit(told(main))
