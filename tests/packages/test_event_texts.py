"""The words of events."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from packages.events.texts import headline, sentences, title
from packages.models import Event, Package

DAY = date(2026, 11, 15)
NOW = datetime(2026, 11, 16, 3, tzinfo=UTC)
OWNER = {
    "share": 92,
    "usual_share": 11,
    "installer": "uv",
    "system": "Linux",
    "python": "3.12",
    "ci": True,
}
TOLD: list[tuple[Event.Kind, dict[str, Any], str, list[str]]] = [
    (
        Event.Kind.MILESTONE,
        {
            "passed": 1_000_000,
            "downloads": 1_012_345,
            "before": 980_001,
            "week": "2026-W46",
        },
        "requests: more than 1,000,000 downloads a week",
        [
            "1,012,345 downloads in week 46 of 2026.",
            "The weeks on record before had 980,001 at most.",
        ],
    ),
    (
        Event.Kind.TOTAL,
        {"passed": 20_000, "downloads": 20_007, "since": "2026-05-01"},
        "requests: 20,000 downloads in all",
        [
            (
                "20,007 downloads from 1 May 2026, when counting began here, to"
                " 15 November 2026."
            )
        ],
    ),
    (
        Event.Kind.RECORD,
        {
            "per": "week",
            "week": "2026-W46",
            "downloads": 90_000,
            "before": 80_000,
            "before_on": "2026-W09",
        },
        "requests: most downloads in a week: 90,000",
        [
            "90,000 downloads in week 46 of 2026.",
            "The highest on record before was 80,000 in week 9 of 2026.",
        ],
    ),
    (
        Event.Kind.RECORD,
        {
            "per": "day",
            "week": "2026-W46",
            "on": "2026-11-12",
            "downloads": 20_000,
            "before": 18_000,
            "before_on": "2026-10-01",
        },
        "requests: most downloads in a day: 20,000",
        [
            "20,000 downloads on 12 November 2026.",
            "The highest on record before was 18,000 on 1 October 2026.",
        ],
    ),
    (
        Event.Kind.UNUSUAL,
        {"downloads": 320_000, "usual": 100_000, "owner": OWNER},
        "requests: 3.2 times the usual downloads on 15 November 2026",
        [
            "320,000 downloads; the Sundays before it had about 100,000.",
            (
                "92 % of the rise is uv on Linux, Python 3.12, CI, usually 11 % of the"
                " downloads."
            ),
        ],
    ),
    (
        Event.Kind.UNUSUAL,
        {"downloads": 39_000, "usual": 100_000, "owner": None},
        "requests: 61 % fewer downloads than usual on 15 November 2026",
        [
            "39,000 downloads; the Sundays before it had about 100,000.",
            "No single kind of client owns the fall.",
        ],
    ),
    (
        Event.Kind.UNUSUAL,
        {"downloads": 10, "usual": 100_000, "owner": None},
        "requests: more than 99 % fewer downloads than usual on 15 November 2026",
        [
            "10 downloads; the Sundays before it had about 100,000.",
            "No single kind of client owns the fall.",
        ],
    ),
    (
        Event.Kind.PYTHON_SHARE,
        {
            "python": "3.13",
            "percent": 10,
            "direction": "up",
            "share": 11.2,
            "before": 9.8,
            "week": "2026-W46",
        },
        "requests: Python 3.13 passes 10 % of downloads",
        [
            (
                "Python 3.13 made 11.2 % of the downloads in week 46 of 2026,"
                " after 9.8 % the week before."
            )
        ],
    ),
    (
        Event.Kind.FIRST,
        {"downloads": 1, "since": "2026-05-01"},
        "requests: first download",
        ["1 download on 15 November 2026, the first since counting began, 1 May 2026."],
    ),
    (
        Event.Kind.SILENT,
        {"last_day": "2026-11-01", "downloads": 4_200, "days": 14},
        "requests: no downloads since 1 November 2026",
        ["None in 14 counted days; the 14 days before had 4,200."],
    ),
    (
        Event.Kind.RETURN,
        {"silent_after": "2026-10-01", "downloads": 1_100},
        "requests: downloads again",
        [
            (
                "1,100 downloads in the week to 15 November 2026; before it,"
                " the last were on 1 October 2026."
            )
        ],
    ),
    (
        Event.Kind.REVISION,
        {"before": 200_000, "after": 175_000, "mirrors": False},
        "requests: 15 November 2026 counted anew: 25,000 fewer (12 %)",
        ["175,000 downloads, without mirrors, in place of 200,000."],
    ),
]


def event(kind: Event.Kind, facts: dict[str, Any]) -> Event:
    package = Package(normalized_name="requests")
    return Event(package=package, kind=kind, day=DAY, key="a", facts=facts)


@pytest.mark.parametrize(("kind", "facts", "words", "lines"), TOLD)
def test_event_is_told_in_a_title_and_sentences(
    kind: Event.Kind, facts: dict[str, Any], words: str, lines: list[str]
) -> None:
    told = event(kind, facts)

    assert title(told) == words
    assert sentences(told) == lines


def test_every_kind_has_words() -> None:
    assert {kind for kind, *_ in TOLD} == set(Event.Kind)


def test_event_of_all_packages_names_them() -> None:
    told = event(Event.Kind.UNUSUAL, TOLD[4][1])
    told.package = None

    assert title(told).startswith("All packages: 3.2 times the usual downloads")
    assert headline(told) == "3.2 times the usual downloads on 15 November 2026"


def test_unusual_day_after_days_without_downloads_has_words() -> None:
    facts = {"downloads": 6_000, "usual": 0, "owner": None}
    told = event(Event.Kind.UNUSUAL, facts)

    assert headline(told) == "6,000 downloads in place of none on 15 November 2026"
    assert sentences(told) == [
        "6,000 downloads; the Sundays before it had about 0.",
        "No single kind of client owns the rise.",
    ]


def test_small_share_has_two_decimals() -> None:
    facts = {"python": "3.15", "percent": 1, "direction": "up", "week": "2026-W46"}
    told = event(Event.Kind.PYTHON_SHARE, facts | {"share": 1.054, "before": 0.97})

    assert sentences(told) == [
        (
            "Python 3.15 made 1.05 % of the downloads in week 46 of 2026,"
            " after 0.97 % the week before."
        )
    ]


def test_withdrawn_event_says_so() -> None:
    told = event(Event.Kind.FIRST, {"downloads": 1, "since": "2026-05-01"})
    told.withdrawn_at = NOW

    assert title(told) == "Withdrawn: requests: first download"
    assert sentences(told)[0] == (
        "This holds no more: these days were counted again, or are known to be"
        " wrong by now. It said:"
    )
