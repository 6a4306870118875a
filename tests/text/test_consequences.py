"""What mails and pages say will happen: each such sentence has a test of the behaviour.

`tests/data/consequences.txt` names it. A new sentence in the scope must be added there with its
test, or be a label or a statement of what has happened: `FACTS` in mails and on customer pages,
`tests/data/page_facts.txt` on the pages of people who sign in. That the test exists is checked
here; that it shows what the sentence says is for readers to judge.
"""

import ast
import json
import re
from functools import cache
from pathlib import Path

import pytest

from chalicelib.text.i18n import LOCALES
from tests.support.in_process import in_process

ROOT = Path(__file__).parents[2]
LISTED = ROOT / "tests/data/consequences.txt"
PAGE_FACTS = ROOT / "tests/data/page_facts.txt"
FEWEST_WORDS = 3  # of a sentence; shorter texts of pages are labels
SCOPE = ("mail.", "page.", "clock.then.", "journal.held", "reason.arbitration_")
# Labels, names, questions, and what has happened already.
FACTS = re.compile(
    r"mail\.(greeting|label|by)\..*|mail\.[a-z_]+\.(subject|what)"
    r"|mail\.shared\.(country|domains|no_action|why)"
    r"|mail\.(automatic|closing|item|item_for_customer|message|reasons|support|open_[a-z]+|not_you)"
    r"|mail\.(explain|vendor|privacy|imprint|pair)"
    r"|page\.(languages|skip|title|title_tenant|heading|heading_tenant|heading_none|no_action"
    r"|no_action_more|what|item|partner|partner_country|partner_domains|role|role_note|state|since"
    r"|calendar|sees|sees_now|silence|after|answer|answer_all|answer_one|answer_optional|answer_object|choice|confirm"
    r"|problem|hand|lock|unlock|block|allow|journal|back|more|older|comment"
    r"|group|means|select|answer_group|reference|locked(\.change)?)"
    r"|page\.undo\.(opt_out|agree)|page\.done\.title\.[a-z_]+"
    r"|page\.state\.[a-z_]+"
    r"|page\.why(\.[a-z]+)?|page\.reason(\.[a-z_]+)?|page\.choice\.(opt_out|agree|undo)(_all)?"
    r"|page\.(lock|unlock|block|allow|confirmation)\.(confirm|button|title|yes|unchanged)"
    r"|page\.done\.(opt_out|agree|undo|block|about)|page\.journal\.(none|older)|page\.older"
    r"|page\.footer\.(genuine|support)"
)


def read_list() -> dict[str, str]:
    """Return the test of each sentence, by its key."""
    lines = LISTED.read_text(encoding="utf-8").splitlines()
    pairs = [line.split() for line in lines if line and not line.startswith("#")]
    assert len({key for key, _ in pairs}) == len(pairs)
    return dict(pairs)


def find_sentences() -> set[str]:
    """Return the keys of all texts in the scope that are no facts."""
    texts = json.loads((LOCALES / "en.json").read_text(encoding="utf-8"))
    found = {key for key in texts if key.startswith(SCOPE) and not FACTS.fullmatch(key)}
    return found | (find_page_sentences() - read_page_facts())


def find_page_sentences() -> set[str]:
    """Return the keys of the sentences on the pages of people who sign in."""
    texts = json.loads((LOCALES / "pages/en.json").read_text(encoding="utf-8"))
    return {
        key
        for key, text in texts.items()
        if text.rstrip().endswith(".") and len(text.split()) >= FEWEST_WORDS
    }


def read_page_facts() -> set[str]:
    """Return the keys of sentences on these pages that promise nothing."""
    lines = PAGE_FACTS.read_text(encoding="utf-8").splitlines()
    return {line for line in lines if line and not line.startswith("#")}


@cache
def find_tests(path: str) -> frozenset[str]:
    """Return the names of the tests in a module."""
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    return frozenset(node.name for node in tree.body if isinstance(node, ast.FunctionDef))


def test_each_sentence_about_what_will_happen_has_a_test():
    assert sorted(find_sentences() - read_list().keys()) == []


def test_each_listed_sentence_is_there():
    assert sorted(read_list().keys() - find_sentences()) == []


def test_each_listed_fact_of_a_page_is_a_sentence_there():
    assert sorted(read_page_facts() - find_page_sentences()) == []


@pytest.mark.parametrize("module", sorted({one.partition("::")[0] for one in read_list().values()}))
def test_each_named_test_is_there(module):
    named = {one.partition("::")[2] for one in read_list().values() if one.startswith(module)}

    assert sorted(named - find_tests(module)) == []


def test_a_new_sentence_without_a_test_would_fail():
    assert not FACTS.fullmatch("mail.approved.promise")
    assert not FACTS.fullmatch("page.lock.promise")
    assert not FACTS.fullmatch("page.state.open.promise")


def test_a_customers_comment_is_read_by_reviewers_and_not_by_the_partner():
    with in_process() as service:
        customer = service.customer()
        claim = customer.file()

        customer.answer(claim, "opt_out", comment="They never came.")
        service.settle()
        desk = service.get(f"/v1/review/claims/{claim['id']}", by=service.token(name="Rita"))
        parts = ("", "/history", "/comments", "/bundle")
        own = [
            service.call("GET", f"/v1/claims/{claim['id']}{part}", by=customer.by()).text
            for part in parts
        ]

    assert "They never came." in json.dumps(desk)
    assert "They never came." not in " ".join(own)
