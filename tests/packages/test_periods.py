"""Weeks and months of days."""

from datetime import date, timedelta

import pytest

from packages.periods import Granularity, summed, whole_periods
from packages.stats import Row, rows_of

DAY, WEEK, MONTH = Granularity


def days(first: date, number: int) -> list[date]:
    return [first + timedelta(days=n) for n in range(number)]


@pytest.mark.parametrize(
    ("granularity", "day", "start", "length"),
    [
        (DAY, date(2026, 11, 18), date(2026, 11, 18), 1),
        (WEEK, date(2026, 11, 18), date(2026, 11, 16), 7),
        (WEEK, date(2026, 11, 16), date(2026, 11, 16), 7),
        (WEEK, date(2026, 11, 22), date(2026, 11, 16), 7),
        (WEEK, date(2027, 1, 3), date(2026, 12, 28), 7),
        (MONTH, date(2026, 11, 30), date(2026, 11, 1), 30),
        (MONTH, date(2026, 12, 31), date(2026, 12, 1), 31),
        (MONTH, date(2026, 2, 28), date(2026, 2, 1), 28),
        (MONTH, date(2028, 2, 29), date(2028, 2, 1), 29),
    ],
)
def test_period_of_a_day(
    granularity: Granularity, day: date, start: date, length: int
) -> None:
    assert granularity.start(day) == start
    assert granularity.length(start) == length


def test_whole_weeks_lack_no_day() -> None:
    fifteen = days(date(2026, 11, 15), 15)
    assert fifteen[0].isoweekday() == 7

    assert whole_periods(fifteen, WEEK) == {date(2026, 11, 16), date(2026, 11, 23)}
    holed = [day for day in fifteen if day != date(2026, 11, 18)]
    assert whole_periods(holed, WEEK) == {date(2026, 11, 23)}


def test_whole_months_lack_no_day() -> None:
    assert whole_periods(days(date(2026, 1, 2), 90), MONTH) == {
        date(2026, 2, 1),
        date(2026, 3, 1),
    }
    assert whole_periods(days(date(2026, 2, 1), 27), MONTH) == set()
    assert whole_periods([], MONTH) == set()


SERIES = {
    "3.9": {
        date(2026, 11, 15): 1,
        date(2026, 11, 16): 2,
        date(2026, 11, 18): 4,
    },
    "3.11": {date(2026, 11, 17): 8},
}


def test_days_are_summed_by_category_in_their_order() -> None:
    assert rows_of(summed(SERIES, WEEK)) == [
        Row("3.9", date(2026, 11, 9), 1),
        Row("3.9", date(2026, 11, 16), 6),
        Row("3.11", date(2026, 11, 16), 8),
    ]
    assert rows_of(summed(SERIES, MONTH)) == [
        Row("3.9", date(2026, 11, 1), 7),
        Row("3.11", date(2026, 11, 1), 8),
    ]
    assert rows_of(summed(SERIES, DAY)) == rows_of(SERIES)


def test_only_whole_periods_are_kept_when_they_are_given() -> None:
    kept = summed(SERIES, WEEK, {date(2026, 11, 9)})

    assert rows_of(kept) == [Row("3.9", date(2026, 11, 9), 1)]
