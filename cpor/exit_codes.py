"""How a command ends: its output, its exit code, and the sentence why it could not run."""

import json
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import typer
from botocore.exceptions import BotoCoreError, ClientError

from chalicelib.domain.refusals import Unavailable
from chalicelib.runtime.settings import SettingsError
from cpor.errors import CommandError

DONE, PARTIAL, NOT_RUN, INTERRUPTED = 0, 1, 2, 130
TABLE_OPERATIONS = frozenset(
    {"BatchGetItem", "BatchWriteItem", "GetItem", "PutItem", "Query", "TransactWriteItems"}
)


def finish(as_json: bool, data: Any, lines: Iterable[str], code: int) -> None:
    """Print the result, as JSON or as lines of text, and exit with a code."""
    if as_json:
        print(json.dumps(data, ensure_ascii=False))
    else:
        print(*lines, sep="\n")
    raise typer.Exit(code)


def fail(message: str, as_json: bool, code: int = NOT_RUN) -> None:
    """Print why the command could not run and exit."""
    if as_json:
        print(json.dumps({"ok": False, "error": message}, ensure_ascii=False))
    else:
        print(message, file=sys.stderr)
    raise typer.Exit(code)


@contextmanager
def report_errors(as_json: bool) -> Iterator[None]:
    """Report the errors that a command may meet as sentences, with their exit code."""
    try:
        yield
    except (CommandError, SettingsError) as error:
        fail(str(error), as_json)
    except Unavailable as error:
        reason = error.__cause__ or error
        fail(f"The database cannot be reached: {reason}. Run it again to continue.", as_json)
    except ClientError as error:
        service = "The database" if error.operation_name in TABLE_OPERATIONS else "AWS"
        fail(f"{service} refuses: {error}", as_json)
    except BotoCoreError as error:
        advice = "Check that AWS_PROFILE (or keys) and AWS_DEFAULT_REGION are set."
        fail(f"A call to AWS failed: {str(error).rstrip('.')}. {advice}", as_json)
    except OSError as error:
        fail(str(error), as_json)
    except KeyboardInterrupt:
        fail("Interrupted. Run it again to continue.", as_json, INTERRUPTED)
