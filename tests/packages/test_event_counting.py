"""Days on which a package was not counted are unknown, and no event comes of them."""

from collections.abc import Collection, Iterable
from datetime import date, timedelta

import pytest
import time_machine
from django.db.models import F

from packages import snapshot
from packages.events.detect import detect_pending
from packages.events.ledger import Ledger
from packages.models import CountedDay, Event
from tests.factories import PIP_39, PIP_311, Downloads, count_day
from tests.packages.test_events import (
    MONDAY,
    at_night,
    store_empty,
    sunday,
    told,
    week,
)

pytestmark = pytest.mark.django_db

Names = Collection[str] | None
BOTH, OLD = ("new", "old"), ("old",)
DAY = date(2026, 11, 19)


def store(days: Iterable[date], downloads: Downloads, names: Names) -> None:
    """Count ``days`` for ``names`` alone, as ones that were looked at already."""
    for day in days:
        with time_machine.travel(at_night(day), tick=False):
            count_day(day, downloads, packages=names)
    CountedDay.objects.update(events_at=F("counted_at"))


def count(day: date, downloads: Downloads, names: Names, *, hours: int = 0) -> None:
    with time_machine.travel(at_night(day) + timedelta(hours=hours), tick=False):
        count_day(day, downloads, packages=names)
        detect_pending()


def empty(days: Collection[date], names: Collection[str]) -> None:
    store_empty(days)
    ledger = CountedDay.objects.filter(day__in=days)
    ledger.update(counted_for=f",{','.join(names)},")


def store_week(number: int, downloads: Downloads, names: Collection[str]) -> None:
    """Count a week in which everything is downloaded on the last day."""
    store([sunday(number)], downloads, names)
    empty(week(number)[:-1], names)


def count_week(number: int, downloads: Downloads, names: Collection[str]) -> None:
    empty(week(number)[:-1], names)
    count(sunday(number), downloads, names)


def weekdays() -> list[date]:
    return [DAY - timedelta(weeks=weeks) for weeks in (4, 3, 2, 1)]


def test_package_that_is_counted_from_a_day_on_has_done_nothing_new() -> None:
    old = {"old": {PIP_311: 200_000}}
    for number in range(14):
        store_week(number, old, OLD)

    for number in (14, 15):
        count_week(number, old | {"new": {PIP_39: 300_000}}, BOTH)

    assert told() == []


def test_package_has_events_once_days_of_its_own_suffice() -> None:
    old = {"old": {PIP_311: 200_000}}
    store_week(0, old, OLD)
    for number in (1, 2, 3):
        store_week(number, old | {"new": {PIP_311: 300_000}}, BOTH)

    count_week(4, old | {"new": {PIP_311: 1_200_000}}, BOTH)

    day = "11 October 2026"
    assert told() == [
        (sunday(4), f"All packages: 2.8 times the usual downloads on {day}"),
        (sunday(4), f"new: 4.0 times the usual downloads on {day}"),
        (sunday(4), "All packages: more than 1,000,000 downloads a week"),
        (sunday(4), "new: more than 1,000,000 downloads a week"),
    ]


def test_package_that_is_counted_no_more_is_not_silent() -> None:
    old = {"old": {PIP_311: 2_000}}
    for number in (0, 1):
        store_week(number, old | {"new": {PIP_311: 90_000}}, BOTH)
    for number in (2, 3, 4):
        count_week(number, old, OLD)

    assert told() == []


def test_package_that_was_left_out_since_its_silence_does_not_return() -> None:
    old = {"old": {PIP_311: 2_000}}
    for number in (0, 1):
        store_week(number, old | {"new": {PIP_311: 4_000}}, BOTH)
    store_week(2, old, BOTH)
    count_week(3, old, BOTH)
    assert told() == [(sunday(3), "new: no downloads since 20 September 2026")]

    store_week(4, old, OLD)
    count_week(5, old | {"new": {PIP_311: 4_000}}, BOTH)

    assert told(kind=Event.Kind.RETURN) == []


def count_for_ninety_days(between: Names) -> None:
    """Count new for the first time 90 days before it has events, and once between."""
    first = MONDAY - timedelta(days=90)
    store([first - timedelta(days=40)], {"old": {PIP_311: 5}}, OLD)
    store([first], {"new": {PIP_311: 9_950}}, [*BOTH, "newest"])
    store([first + timedelta(days=50)], {"old": {PIP_311: 5}}, between)
    count(MONDAY, {"new": {PIP_311: 60}, "newest": {PIP_311: 1}}, [*BOTH, "newest"])


def test_history_of_a_package_begins_when_counting_it_began() -> None:
    count_for_ninety_days(between=None)

    assert told() == [
        (MONDAY, "newest: first download"),
        (MONDAY, "new: 10,000 downloads in all"),
    ]
    assert {event.facts["since"] for event in Event.objects.all()} == {"2026-06-09"}


def test_package_that_was_left_out_in_between_has_no_first_and_no_total() -> None:
    count_for_ninety_days(between=OLD)

    assert told() == []


def test_days_counted_for_others_are_not_compared() -> None:
    store(weekdays(), {"old": {PIP_311: 30_000}, "new": {PIP_311: 900_000}}, None)

    count(DAY, {"old": {PIP_311: 90_000}}, OLD)

    assert told() == [(DAY, "old: 3.0 times the usual downloads on 19 November 2026")]


def test_ledger_of_days_counted_for_all_is_that_of_every_package() -> None:
    store([DAY], {"old": {PIP_311: 5}}, None)
    ledger = Ledger.of(snapshot.current())

    assert ledger.known("old", DAY) is ledger


def test_day_counted_again_for_more_packages_revises_none() -> None:
    both = {"old": {PIP_311: 100_000}, "new": {PIP_311: 50_000}}
    store([MONDAY + timedelta(days=1)], both, BOTH)
    store([MONDAY], {"old": {PIP_311: 100_000}}, OLD)

    count(MONDAY, both, BOTH, hours=1)
    assert told() == []

    more = both | {"new": {PIP_311: 90_000}}
    count(MONDAY, more, BOTH, hours=2)

    day = "7 September 2026"
    assert told() == [
        (MONDAY, f"new: {day} counted anew: 40,000 more (80 %)"),
        (MONDAY, f"All packages: {day} counted anew: 40,000 more (27 %)"),
    ]
