"""The operator's page: health, imports of the feed, dead letters, and editions side by side."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from functools import partial
from typing import Any, NamedTuple

from chalicelib.domain.refusals import Refusal
from chalicelib.text.i18n import format_day, has_text, join_names, translate
from chalicelib.web.pages.shell.times import describe_length
from chalicelib.web.pages.shell.visit import View, Visit

PARTS = ("health", "feeds", "dead-letters", "catalogue")


class Row(NamedTuple):
    """One row of the editions side by side: its title, and a text for each edition."""

    title: str
    values: list[str]

    @property
    def differs(self) -> bool:
        """Return whether the editions differ in it."""
        return len(set(self.values)) > 1


def show_operations(visit: Visit) -> View:
    """Show each part; one that cannot be read says so, and the others are shown."""
    found = visit.call.services.run_parallel(*(partial(_read, visit, part) for part in PARTS))
    names = (part.replace("-", "_") for part in PARTS)
    shown: dict[str, Any] = dict(zip(names, found, strict=True))
    editions = (shown["catalogue"] or {"data": []})["data"]
    shown |= {"editions": editions, "rows": list(_compare(visit, editions))}
    return View("desk/operations.html", translate(visit.language, "ui.nav.operations"), shown)


def _read(visit: Visit, part: str) -> Any:
    try:
        return visit.api.get(f"/v1/operations/{part}").body
    except Refusal:
        return None


def _compare(visit: Visit, editions: Sequence[Mapping[str, Any]]) -> Iterator[Row]:
    """Yield what the editions say, who may submit and what, then deadlines."""
    say = partial(translate, visit.language)
    days = [date.fromisoformat(edition["valid_from"]) for edition in editions]
    yield Row(say("ui.ops.valid_from"), [format_day(visit.language, day) for day in days])
    submitters = [
        [say(f"ui.role.{role}") for role in edition["submitters"]] for edition in editions
    ]
    yield Row(say("ui.ops.submitters"), [join_names(visit.language, names) for names in submitters])
    yield from _compare_roles(visit, editions)
    yield Row(say("ui.ops.most_items"), [str(edition["most_items"]) for edition in editions])
    for rule in ("products", "workloads"):
        yield Row(say(f"ui.ops.{rule}"), _count_names(visit, editions, rule))
    for kind in sorted({kind for edition in editions for kind in edition["deadlines"]}):
        key = f"clock.{kind}" if has_text(f"clock.{kind}") else f"ui.deadline.{kind}"
        lengths = [edition["deadlines"].get(kind) for edition in editions]
        yield Row(say(key), [describe_length(visit.language, length) for length in lengths])


def _compare_roles(visit: Visit, editions: Sequence[Mapping[str, Any]]) -> Iterator[Row]:
    """Yield for each partner role by which channels, and whether with an incentive."""
    catalogues = visit.api.get_all(
        *(
            partial(visit.api.get, "/v1/catalogue", {"on": edition["valid_from"]})
            for edition in editions
        )
    )
    found = [
        {
            role["code"]: role
            for area in catalogue.body["solution_areas"]
            for role in area["partner_roles"]
        }
        for catalogue in catalogues
    ]
    for code in dict.fromkeys(code for roles in found for code in roles):
        title = translate(visit.language, f"partner_role.{code}.name.{editions[0]['edition']}")
        yield Row(title, [_describe_role(visit, roles.get(code)) for roles in found])


def _describe_role(visit: Visit, role: Mapping[str, Any] | None) -> str:
    if role is None:
        return "–"
    channels = [translate(visit.language, f"channel.{one}") for one in role["channels"]]
    paid = "incentivised" if role["incentivised"] else "not_incentivised"
    listed = join_names(visit.language, channels)
    return translate(visit.language, f"ui.ops.{paid}", channels=listed)


def _count_names(visit: Visit, editions: Sequence[Mapping[str, Any]], rule: str) -> list[str]:
    """Return how many names each edition has, with those that the others lack."""
    common = set.intersection(*(set(edition[rule]) for edition in editions)) if editions else set()
    texts = []
    for one in editions:
        own = sorted(set(one[rule]) - common)
        texts.append(f"{len(one[rule])}{': ' if own else ''}{', '.join(own)}")
    return texts
