"""What an event says: a title, and the sentences below it, both plain text."""

from collections.abc import Callable
from datetime import date
from typing import Any

from packages.models import Event
from packages.names import ALL_PACKAGES

Facts = dict[str, Any]

WITHDRAWN = (
    "This holds no more: these days were counted again, or are known to be wrong by"
    " now. It said:"
)

FINE = 0.1
"""The share from which on per cent are told without a decimal."""

SMALL = 2
"""Per cent below which a version's share is told with two decimals, else with one."""


def title(event: Event) -> str:
    """Say the event in one line, with its package's name."""
    name = "All packages" if event.name == ALL_PACKAGES else event.name
    withdrawn = "Withdrawn: " if event.withdrawn_at else ""
    return f"{withdrawn}{name}: {_HEADLINES[event.kind](event.facts, event.day)}"


def headline(event: Event) -> str:
    """Say the event where the package's name is plain, as on its own page."""
    text = _HEADLINES[event.kind](event.facts, event.day)
    return text[0].upper() + text[1:]


def sentences(event: Event) -> list[str]:
    """Say the numbers behind the title, and where they come from."""
    told = _SENTENCES[event.kind](event.facts, event.day)
    if event.withdrawn_at:
        return [WITHDRAWN, *told]
    return told


def _milestone(facts: Facts, _day: date) -> str:
    return f"more than {facts['passed']:,} downloads a week"


def _milestone_text(facts: Facts, _day: date) -> list[str]:
    when = in_week(facts["week"])
    return [
        f"{facts['downloads']:,} downloads in {when}.",
        f"The weeks on record before had {facts['before']:,} at most.",
    ]


def _total(facts: Facts, _day: date) -> str:
    return f"{facts['passed']:,} downloads in all"


def _total_text(facts: Facts, day: date) -> list[str]:
    since = spelled(date.fromisoformat(facts["since"]))
    return [
        (
            f"{facts['downloads']:,} downloads from {since}, when counting began here,"
            f" to {spelled(day)}."
        )
    ]


def _record(facts: Facts, _day: date) -> str:
    if facts["per"] == "week":
        return f"most downloads in a week: {facts['downloads']:,}"
    return f"most downloads in a day: {facts['downloads']:,}"


def _record_text(facts: Facts, _day: date) -> list[str]:
    when, before = _moments(facts)
    return [
        f"{facts['downloads']:,} downloads {when}.",
        f"The highest on record before was {facts['before']:,} {before}.",
    ]


def _moments(facts: Facts) -> tuple[str, str]:
    if facts["per"] == "week":
        return f"in {in_week(facts['week'])}", f"in {in_week(facts['before_on'])}"
    day, before = map(date.fromisoformat, (facts["on"], facts["before_on"]))
    return f"on {spelled(day)}", f"on {spelled(before)}"


def _unusual(facts: Facts, day: date) -> str:
    return f"{_compared(facts['downloads'], facts['usual'])} on {spelled(day)}"


def _compared(downloads: int, usual: int) -> str:
    if not usual:
        return f"{_downloads(downloads)} in place of none"
    if downloads < usual:
        return f"{_percent(1 - downloads / usual)} fewer downloads than usual"
    if downloads < 2 * usual:
        return f"{_percent(downloads / usual - 1)} more downloads than usual"
    return f"{_times(downloads / usual)} times the usual downloads"


def _unusual_text(facts: Facts, day: date) -> list[str]:
    return [
        (
            f"{facts['downloads']:,} downloads; the {day:%A}s before it had about"
            f" {facts['usual']:,}."
        ),
        _owned(facts["owner"], facts["downloads"] > facts["usual"]),
    ]


def _owned(owner: Facts | None, is_rise: bool) -> str:  # noqa: FBT001
    change = "rise" if is_rise else "fall"
    if owner is None:
        return f"No single kind of client owns the {change}."
    return (
        f"{owner['share']} % of the {change} is {client(owner)}, usually"
        f" {owner['usual_share']} % of the downloads."
    )


def client(owner: Facts) -> str:
    """Name a kind of client, like "uv on Linux, Python 3.12, CI"."""
    system = owner.get("system")
    installer = owner.get("installer", "")
    parts = [
        f"{installer or 'downloads'} on {system}" if system else installer,
        f"Python {owner['python']}" if "python" in owner else "",
        "CI" if "ci" in owner else "",
    ]
    return ", ".join(part for part in parts if part)


def _python_share(facts: Facts, _day: date) -> str:
    verb = "passes" if facts["direction"] == "up" else "falls below"
    return f"Python {facts['python']} {verb} {facts['percent']} % of downloads"


def _python_share_text(facts: Facts, _day: date) -> list[str]:
    return [
        (
            f"Python {facts['python']} made {_share(facts['share'])} of the downloads"
            f" in {in_week(facts['week'])}, after {_share(facts['before'])} the week"
            " before."
        )
    ]


def _first(_facts: Facts, _day: date) -> str:
    return "first download"


def _first_text(facts: Facts, day: date) -> list[str]:
    since = spelled(date.fromisoformat(facts["since"]))
    downloads = _downloads(facts["downloads"])
    return [f"{downloads} on {spelled(day)}, the first since counting began, {since}."]


def _silent(facts: Facts, _day: date) -> str:
    return f"no downloads since {spelled(date.fromisoformat(facts['last_day']))}"


def _silent_text(facts: Facts, _day: date) -> list[str]:
    return [
        (
            f"None in {facts['days']} counted days; the {facts['days']} days before had"
            f" {facts['downloads']:,}."
        )
    ]


def _return(_facts: Facts, _day: date) -> str:
    return "downloads again"


def _return_text(facts: Facts, day: date) -> list[str]:
    last = spelled(date.fromisoformat(facts["silent_after"]))
    return [
        (
            f"{facts['downloads']:,} downloads in the week to {spelled(day)};"
            f" before it, the last were on {last}."
        )
    ]


def _revision(facts: Facts, day: date) -> str:
    before, after = facts["before"], facts["after"]
    change = "more" if after > before else "fewer"
    share = f" ({_percent(abs(after / before - 1))})" if before else ""
    return f"{spelled(day)} counted anew: {abs(after - before):,} {change}{share}"


def _revision_text(facts: Facts, _day: date) -> list[str]:
    after = _downloads(facts["after"])
    whose = "mirrors included" if facts["mirrors"] else "without mirrors"
    return [f"{after}, {whose}, in place of {facts['before']:,}."]


def in_week(week: str) -> str:
    """Spell an ISO week such as "2026-W46"."""
    year, number = week.split("-W")
    return f"week {int(number)} of {year}"


def spelled(day: date) -> str:
    return f"{day.day} {day:%B %Y}"


def _downloads(number: int) -> str:
    return f"{number:,} download{'' if number == 1 else 's'}"


def _percent(share: float) -> str:
    digits = 0 if share >= FINE else 1
    shown = f"{100 * share:.{digits}f}"
    return "more than 99 %" if shown == "100" and share < 1 else f"{shown} %"


def _share(percent: float) -> str:
    digits = 2 if percent < SMALL else 1
    return f"{percent:.{digits}f} %"


def _times(ratio: float) -> str:
    return f"{ratio:,.0f}" if ratio >= 10 else f"{ratio:.1f}"


_HEADLINES: dict[str, Callable[[Facts, date], str]] = {
    Event.Kind.MILESTONE: _milestone,
    Event.Kind.TOTAL: _total,
    Event.Kind.RECORD: _record,
    Event.Kind.UNUSUAL: _unusual,
    Event.Kind.PYTHON_SHARE: _python_share,
    Event.Kind.FIRST: _first,
    Event.Kind.SILENT: _silent,
    Event.Kind.RETURN: _return,
    Event.Kind.REVISION: _revision,
}

_SENTENCES: dict[str, Callable[[Facts, date], list[str]]] = {
    Event.Kind.MILESTONE: _milestone_text,
    Event.Kind.TOTAL: _total_text,
    Event.Kind.RECORD: _record_text,
    Event.Kind.UNUSUAL: _unusual_text,
    Event.Kind.PYTHON_SHARE: _python_share_text,
    Event.Kind.FIRST: _first_text,
    Event.Kind.SILENT: _silent_text,
    Event.Kind.RETURN: _return_text,
    Event.Kind.REVISION: _revision_text,
}
