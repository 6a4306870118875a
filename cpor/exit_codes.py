"""How a command ends: what it answers, its exit code, and the sentence why it could not run."""

import json
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import typer

DONE, PARTLY, NOT_RUN, STOPPED = 0, 1, 2, 130


class Unusable(Exception):
    """What the command was given cannot be used at all; the text says what to do."""


def answer(as_json: bool, for_machines: Any, for_people: Iterable[str], code: int) -> None:
    """Prints the answer in one of its two forms and ends."""
    if as_json:
        print(json.dumps(for_machines, ensure_ascii=False))
    else:
        print(*for_people, sep="\n")
    raise typer.Exit(code)


@contextmanager
def refusals(as_json: bool) -> Iterator[None]:
    """Says why a command could not run, and ends with the exit code for it."""
    from botocore.exceptions import BotoCoreError, ClientError

    from chalicelib.domain.refusals import Unavailable
    from cpor.feeds.reading import Unusable as UnusableFeed

    try:
        yield
    except (Unusable, UnusableFeed) as wrong:
        stop(str(wrong), as_json)
    except Unavailable as away:
        stop(
            f"The database cannot be reached: {away.__cause__ or away}. Run it again to go on.",
            as_json,
        )
    except ClientError as wrong:
        stop(
            f"The database refuses: {wrong}" if _of_the_table(wrong) else f"AWS refuses: {wrong}",
            as_json,
        )
    except BotoCoreError as wrong:
        stop(
            f"A call to AWS failed: {str(wrong).rstrip('.')}. "
            "Check that AWS_PROFILE (or keys) and AWS_DEFAULT_REGION are set.",
            as_json,
        )
    except OSError as wrong:
        stop(str(wrong), as_json)
    except KeyboardInterrupt:
        stop("Stopped. Run it again to go on.", as_json, STOPPED)


def stop(why: str, as_json: bool, code: int = NOT_RUN) -> None:
    """Ends without an answer, with a sentence."""
    print(
        json.dumps({"ok": False, "error": why}, ensure_ascii=False) if as_json else why,
        file=sys.stdout if as_json else sys.stderr,
    )
    raise typer.Exit(code)


def _of_the_table(wrong: Any) -> bool:
    return wrong.operation_name in {
        "BatchGetItem",
        "BatchWriteItem",
        "GetItem",
        "PutItem",
        "Query",
        "TransactWriteItems",
    }
