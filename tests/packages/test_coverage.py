"""Windows know which of their days are missing, and the ledger has every kept day."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from pytest_django import Settings

from packages import coverage, snapshot
from packages.coverage import Coverage
from packages.models import CountedDay, Incident
from tests.factories import PIP_311, count_day

pytestmark = pytest.mark.django_db
LAST = date(2026, 11, 20)


@pytest.fixture(autouse=True)
def _now() -> Iterator[None]:
    with time_machine.travel(datetime(2026, 11, 21, 4, tzinfo=UTC), tick=False):
        yield


def ago(days: int) -> date:
    return LAST - timedelta(days=days)


def count(*, without: tuple[int, ...] = (), days: int = 41) -> None:
    for age in range(days - 1, -1, -1):
        if age not in without:
            count_day(ago(age), {"django": {PIP_311: 1}})


def notes() -> dict[str, str]:
    windows = coverage.windows(snapshot.current())
    return {name: window.note() for name, window in windows.items()}


def test_whole_windows_lack_nothing() -> None:
    count()

    assert notes() == {"last_day": "", "last_week": "", "last_month": ""}


@pytest.mark.parametrize(
    ("without", "week", "month"),
    [
        (
            (2,),
            "6 of 7 days counted: 2026-11-18 is missing",
            "29 of 30 days counted: 2026-11-18 is missing",
        ),
        (
            (2, 9),
            "6 of 7 days counted: 2026-11-18 is missing",
            "28 of 30 days counted: 2026-11-11 and 2026-11-18 are missing",
        ),
        (
            (1, 2, 3),
            ("4 of 7 days counted: 2026-11-17, 2026-11-18 and 2026-11-19 are missing"),
            (
                "27 of 30 days counted: 2026-11-17, 2026-11-18 and 2026-11-19 are"
                " missing"
            ),
        ),
        ((1, 2, 3, 4), "3 of 7 days counted", "26 of 30 days counted"),
        (
            (6,),
            "6 of 7 days counted: 2026-11-14 is missing",
            "29 of 30 days counted: 2026-11-14 is missing",
        ),
        ((7,), "", "29 of 30 days counted: 2026-11-13 is missing"),
        ((30,), "", ""),
    ],
)
def test_window_says_which_days_it_lacks(
    without: tuple[int, ...], week: str, month: str
) -> None:
    count(without=without)

    assert (notes()["last_week"], notes()["last_month"]) == (week, month)


def test_window_of_a_new_service_says_when_counting_began() -> None:
    count(days=12)

    assert notes() == {
        "last_day": "",
        "last_week": "",
        "last_month": "12 of 30 days counted: counting began on 2026-11-09",
    }


def test_window_says_how_many_days_an_incident_hit() -> None:
    count(without=(1,))
    Incident.objects.create(title="Loss", first_day=ago(8), last_day=ago(6))

    assert notes()["last_week"] == (
        "6 of 7 days counted: 2026-11-19 is missing; 1 day lies within an incident"
    )
    assert notes()["last_month"].endswith("; 3 days lie within an incident")


def test_window_is_a_value_that_others_can_read() -> None:
    count(without=(1,))

    assert coverage.windows(snapshot.current())["last_week"] == Coverage(
        days=7, missing=[ago(1)], incidents=0, began=None
    )


def test_no_day_no_window() -> None:
    assert coverage.windows(snapshot.current()) == {}
    assert coverage.ledger(snapshot.current()) == []
    assert coverage.missing_days(snapshot.current()) == []


def test_missing_days_lie_between_the_first_and_the_last_counted() -> None:
    count(without=(3, 4))

    assert coverage.missing_days(snapshot.current()) == [ago(4), ago(3)]


def test_ledger_has_every_kept_day_and_what_came_later(settings: Settings) -> None:
    settings.RETENTION_DAYS = 30
    count_day(ago(29), {"django": {PIP_311: 1}})
    count_day(LAST, {"django": {PIP_311: 1}})
    later = CountedDay.Status.MISSING
    CountedDay.objects.create(day=LAST + timedelta(days=2), status=later)

    rows = coverage.ledger(snapshot.current())

    assert [row.day for row in rows] == [ago(age) for age in range(29, -3, -1)]
    assert [row.status for row in rows if row.day not in {ago(29), LAST}] == (
        ["missing"] * 30
    )


def test_ledger_of_failures_alone_has_them() -> None:
    CountedDay.objects.create(day=LAST, status=CountedDay.Status.MISSING)

    assert [row.day for row in coverage.ledger(snapshot.current())] == [LAST]


def test_day_that_is_made_up_as_missing_knows_its_definition() -> None:
    count_day(date(2026, 8, 22), {"django": {PIP_311: 1}})
    count_day(date(2026, 8, 25), {"django": {PIP_311: 1}})

    made_up = {date(2026, 8, 23), date(2026, 8, 24)}
    rows = [row for row in coverage.ledger(snapshot.current()) if row.day in made_up]

    assert [(row.day.day, row.definition) for row in rows] == [
        (23, "all-files"),
        (24, "artifacts"),
    ]
