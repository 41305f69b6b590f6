"""Which values the counter shows, of which release."""

from datetime import date, timedelta

import pytest
from pytest_django import Settings

from feeds.pypirss.counter import values
from feeds.pypirss.files import Release
from packages import snapshot
from tests.factories import POETRY, count_day

pytestmark = pytest.mark.django_db
FIRST = date(2026, 10, 1)


def day(number: int) -> date:
    return FIRST + timedelta(days=number)


def release(version: str, *downloads: int, since: int = 0) -> Release:
    """One that was downloaded so often each day from the one of that number on."""
    by_day = {day(since + n): number for n, number in enumerate(downloads)}
    return Release(version, day(since), by_day)


def told(*releases: Release, days: int = 4) -> list[tuple[int, str, int]]:
    """Count so many days, and tell each value's day, release and number."""
    for number in range(days):
        count_day(day(number), {"other": {POETRY: 1}})
    found = values(releases, snapshot.current())
    return [((v.day.day - FIRST).days, v.version, v.downloads) for v in found]


def test_value_is_the_sum_of_all_days_of_the_release() -> None:
    assert told(release("1.0", 5, 6, 7, 8)) == [
        (3, "1.0", 26),
        (2, "1.0", 18),
        (1, "1.0", 11),
        (0, "1.0", 5),
    ]


def test_value_that_does_not_change_stands_once() -> None:
    assert told(release("1.0", 5, 0, 0, 2)) == [(3, "1.0", 7), (0, "1.0", 5)]


def test_value_that_the_counter_returns_to_is_the_newest(settings: Settings) -> None:
    settings.RETENTION_DAYS = 6  # each value is the sum of four days

    assert told(release("1.0", 9, 30, 30, 32, 10, 29), days=6) == [
        (5, "1.0", 101),
        (4, "1.0", 102),
    ]


def test_zero_is_a_number() -> None:
    assert told(Release("1.0", day(2), {})) == [(2, "1.0", 0)]


def test_new_release_begins_anew_and_changes_no_earlier_value() -> None:
    old, new = release("1.9", 5, 6, 7, 8), release("1.10", 1, 1, since=2)

    assert told(new, old) == [
        (3, "1.10", 2),
        (2, "1.10", 1),
        (1, "1.9", 11),
        (0, "1.9", 5),
    ]


@pytest.mark.parametrize(
    ("versions", "latest"),
    [
        (["1.0", "2.0rc1", "2.0.dev1"], "1.0"),
        (["2.0a1", "2.0rc1", "2.0b3"], "2.0rc1"),
        (["2004d", "0.1a1"], "0.1a1"),
        (["2004d", "2004e"], "2004e"),
        (["1!0.1", "2026.1"], "1!0.1"),
    ],
)
def test_latest_release(versions: list[str], latest: str) -> None:
    releases = [release(version, 1) for version in versions]

    assert told(*releases, days=1) == [(0, latest, 1)]


def test_nothing_is_told_without_releases() -> None:
    assert told() == []


def test_values_stay_what_they_were_while_days_are_trimmed(settings: Settings) -> None:
    settings.RETENTION_DAYS = 6
    one = release("1.0", *range(1, 11))

    before = told(one, days=6)
    count_day(day(6), {"other": {POETRY: 1}})
    after = told(one, days=0)

    # Six kept days: three values, each the sum of four days.
    assert before == [(5, "1.0", 18), (4, "1.0", 14), (3, "1.0", 10)]
    assert after == [(6, "1.0", 22), *before[:2]]


def test_day_that_was_not_counted_has_no_value() -> None:
    count_day(day(0), {"other": {POETRY: 1}})
    count_day(day(2), {"other": {POETRY: 1}})

    assert told(release("1.0", 5, 6, 7), days=0) == [(2, "1.0", 18), (0, "1.0", 5)]
