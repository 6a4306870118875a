"""`make run`: the whole service on this machine until Ctrl-C.

python -m tools.embedded --port 8000 --feed DIR --keep DIR
"""

import argparse
import json
import os
import signal
import sys
import time
from pathlib import Path
from types import FrameType
from typing import NoReturn

from cpor.local_service import LocalService, announce_service
from tools import embedded
from tools.embedded import feed
from tools.embedded.emulator import KEYS, REGION
from tools.errors import ToolError, run

BANNER = """
Ready in {seconds:.1f} seconds.

  Open first         {url}/    what this is, and where to go as whom
  Claims             {url}/portal    as a partner; choose who to be
  Review             {url}/desk    as a reviewer
  Mail               {url}/sandbox/mailbox    what customers get, with the links to object

  The API            {url}/v1/…    described at {url}/openapi.json
  The test clock     {url}/sandbox/clock
  The feed           {feed}    README.md there: partners, customers, what to file
  Kept data          {keep}

  A token of a partner of the feed:
    curl -s {url}/sandbox/tokens -H 'Content-Type: application/json' -d '{partner}'

  The command line (it finds this service by itself; the emulated AWS is at {endpoint}):
    .venv/bin/cpor doctor --stage local

docs/first-claim.md has a first claim to paste, from the filing to the active association.

Ctrl-C ends it.
"""


def main() -> int:
    """Run until SIGINT or SIGTERM, then stop everything that was started."""
    _stop_on_first_signal()
    options, began = _parse(), time.monotonic()

    def report(step: str) -> None:
        print(f"{time.monotonic() - began:5.1f} s  {step} ...", flush=True)

    try:
        with embedded.running(options.port, options.feed, options.keep, report) as service:
            local = LocalService(
                url=service.url,
                aws_endpoint=service.aws_endpoint,
                region=REGION,
                access_key=KEYS[0],
                secret_key=KEYS[1],
                pid=os.getpid(),
            )
            with announce_service(local):
                print(_banner(service, options, time.monotonic() - began), flush=True)
                _watch(service)
    except KeyboardInterrupt:
        print("Stopped.", flush=True)
    return 0


def _watch(service: embedded.Running) -> NoReturn:
    while not service.emulator_ended():
        time.sleep(0.5)
    raise ToolError(
        "The emulator has ended.",
        "Start again. With KEEP, changes of the last seconds may be lost.",
    )


def _banner(service: embedded.Running, options: argparse.Namespace, seconds: float) -> str:
    return BANNER.format(
        seconds=seconds,
        url=service.url,
        feed=options.feed,
        keep=options.keep or "none (KEEP=dir keeps it)",
        endpoint=service.aws_endpoint,
        partner=json.dumps(
            {
                "organisation_id": feed.find_partner(options.feed) or "AN-ORGANISATION-OF-YOURS",
                "roles": ["incentives_admin"],
            }
        ),
    )


def _stop_on_first_signal() -> None:
    """Stop everything in order at the first SIGINT or SIGTERM, and ignore further ones."""

    def stop(number: int, frame: FrameType | None) -> NoReturn:
        for each in (signal.SIGINT, signal.SIGTERM):
            signal.signal(each, signal.SIG_IGN)
        raise KeyboardInterrupt

    for each in (signal.SIGINT, signal.SIGTERM):
        signal.signal(each, stop)


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tools.embedded", description=__doc__)
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--feed", type=_folder, help="the feed, instead of the demonstration")
    parser.add_argument("--keep", type=_folder, help="where data is kept between runs")
    options = parser.parse_args()
    options.feed = options.feed or feed.DEMONSTRATION
    return options


def _folder(text: str) -> Path | None:
    return Path(text).expanduser().resolve() if text else None


if __name__ == "__main__":
    sys.exit(run(main))
