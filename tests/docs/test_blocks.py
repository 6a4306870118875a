"""Every fenced block of the documentation is run or compared, or the reason why not is here.

A new block fails the first test until it has a row.
"""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from tests.support.guides import BLOCK, SHELLS, read_scripts, run_script
from tests.support.http_server import serve
from tools.packaging.package import ROOT

DOCUMENTS = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("cpor/**/*.md")])
HERE = "run below"
FIRST_DAY = "tests/deployed/test_first_day.py"
README = "tests/docs/test_readme.py"
WEBHOOKS = "tests/docs/test_webhook_guide.py"
CALLS = "tests/journeys/test_webhook_seeds.py"
DEVELOPER = "`make` targets exist: below; CI runs `make test`"
FRAGMENT = "a fragment that needs a page of its own; its names are those of the code it shows"
OUTLINE = "an outline with `…` for values; tests/web compares the real answers"
FROM_MODELS = "made by tools.generate.feeds: tests/docs/test_feeds.py"
DIAGRAM = "made by tools.generate.diagrams: tests/docs/test_state_machines.py"
# By document and first line: the test that runs the block, or why none does.
KNOWN = {
    "README.md: make run": DEVELOPER,
    "README.md: BASE=${BASE:-http://127.0.0.1:8000}": README,
    'README.md: make deploy STAGE=prod BUCKET=my-artefacts SET="': FIRST_DAY,
    "CONTRIBUTING.md: make check": DEVELOPER,
    "docs/pages.md: # page_table.py": FRAGMENT,
    'docs/pages.md: {% import "shell/fields.html" as fields %}': FRAGMENT,
    "docs/pages.md: browser = sign_in(service, customer.partner(1), ": FRAGMENT,
    "docs/api.md: {": OUTLINE,
    "docs/api.md: catalogue    {": OUTLINE,
    "docs/first-claim.md: BASE=${BASE:-http://127.0.0.1:8000}": README,
    "docs/feeds.md: {": FROM_MODELS,
    "docs/operations.md: cpor users invite --mail olga@vendor.example": FIRST_DAY,
    "docs/state-machines.md: stateDiagram-v2": DIAGRAM,
    "docs/integration.md: CREATE VIEW events AS": "needs DuckDB, which no test installs",
    "docs/guides/events.md: BASE=${BASE:-http://127.0.0.1:8000}": "tests/docs/test_event_guide.py",
    "docs/guides/webhooks.md: BASE=${BASE:-http://127.0.0.1:8000}": WEBHOOKS,
    "docs/guides/webhooks.md: from standardwebhooks import Webhook": CALLS,
    'docs/guides/idempotency.md: curl -s "$BASE/v1/claims" -H ': HERE,
    'docs/guides/sandbox-clock.md: curl -s "$BASE/sandbox/clock"': HERE,
    'docs/guides/sandbox-clock.md: curl -s "$BASE/sandbox/mail/$MAIL/events"': HERE,
    "docs/guides/bulk-file.md: cpor claims file claims.csv": "tests/cli/test_claims.py",
}


def list_blocks(*languages: str) -> Iterator[tuple[str, str]]:
    """Yield the document and the text of each block, by default of any language."""
    for document in DOCUMENTS:
        for language, text in BLOCK.findall(document.read_text(encoding="utf-8")):
            if language in languages or not languages:
                yield str(document.relative_to(ROOT)), text


def test_every_block_is_run_or_has_a_reason():
    unknown = [
        f"{name}: {text.splitlines()[0]}"
        for name, text in list_blocks()
        if not any(f"{name}: {text}".startswith(known) for known in KNOWN)
    ]

    assert unknown == []


def test_every_row_is_of_a_block_and_names_a_test_that_exists():
    blocks = [f"{name}: {text}" for name, text in list_blocks()]

    assert [known for known in KNOWN if not any(b.startswith(known) for b in blocks)] == []
    tests = [one for value in KNOWN.values() for one in re.findall(r"tests/\S+\.py", value)]
    assert [one for one in tests if not (ROOT / one).is_file()] == []


def test_commands_can_be_pasted_into_a_terminal_with_zsh():
    """An interactive zsh, as on macOS, takes `#` for an argument until it is told otherwise."""
    comments = [
        f"{name}: {text[mark.start() :].splitlines()[0]}"
        for name, text in list_blocks("sh", "")
        for mark in re.finditer(r"(?<!\S)#\s", text)
        if "setopt interactive_comments" not in text[: mark.start()]
    ]

    assert comments == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda one: one.name)
def test_every_make_target_and_variable_exists(document):
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z-]+):", makefile, re.MULTILINE))
    variables = set(re.findall(r"^([A-Z]+) +\?=", makefile, re.MULTILINE))
    text = document.read_text(encoding="utf-8").replace("```", "`")

    commands = re.findall(r"(?:`|\n)make ((?:[A-Z]+=\S+ )*[a-z-]+)([^`]*)", text)

    for words, more in commands:
        *given, target = words.split()
        named = re.findall(r"(?:^| )([A-Z]+)=", " ".join(given) + more.partition("\n")[0])
        assert target in targets
        assert set(named) <= variables


def test_a_filing_that_is_sent_twice_is_filed_once(tmp_path):
    (script,) = read_scripts("idempotency")
    with serve() as (service, base):
        customer = service.customer()
        (tmp_path / "filing.json").write_text(json.dumps(customer.filing()))
        known = {"BASE": base, "TOKEN": customer.by()}

        first = run_script(script, tmp_path, **known)
        again = run_script(script, tmp_path, **known)

    assert json.loads(first)["claims"][0]["status"] == "submitted"
    assert again == first


@pytest.mark.parametrize("shell", SHELLS)
def test_the_clock_moves_as_the_guide_says(shell, tmp_path):
    move, _ = read_scripts("sandbox-clock")
    with serve() as (_, base):
        printed = run_script(move, tmp_path, shell, BASE=base)

    now, later, latest = re.findall(r'"now": *"([^"]+)"', printed)
    assert now < later < latest


def test_what_became_of_a_mail_is_told_as_the_guide_says(tmp_path):
    _, report = read_scripts("sandbox-clock")
    with serve() as (service, base):
        service.customer().file()
        mail: Any = service.get("/sandbox/mail")["data"][0]

        run_script(report, tmp_path, BASE=base, MAIL=mail["id"])

        (reported,) = [
            one for one in service.get("/sandbox/mail")["data"] if one["id"] == mail["id"]
        ]
    assert "bounce" in json.dumps(reported)
