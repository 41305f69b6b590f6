"""Packages whose days a later count moved."""

from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from pytest_django import Settings

from packages import snapshot, upkeep
from packages.models import CountedDay, DownloadRecord, Package, RecountedPackage
from packages.recounts import Recount, recounts_of
from packages.removal import remove
from tests.factories import MIRROR, PIP_39, PIP_311, count_day

pytestmark = pytest.mark.django_db
DAY = date(2026, 10, 18)
NOW = datetime(2026, 10, 21, 5, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _at() -> None:
    """The day is over, and was counted."""
    count_day(DAY, {"django": {PIP_311: 1000, PIP_39: 1}, "other": {PIP_311: 3}})


def recounts() -> dict[str, dict[date, Recount]]:
    return recounts_of(["django", "other", "new", "unknown"])


@pytest.mark.parametrize(
    ("django", "noted"),
    [(1001, False), (1010, False), (1012, True), (992, False), (990, True)],
)
def test_a_hundredth_is_noted_either_way(django: int, noted: bool) -> None:
    with time_machine.travel(NOW, tick=False):
        count_day(DAY, {"django": {PIP_311: django}, "other": {PIP_311: 3}})

    expected = {"django": {DAY: Recount(NOW, 1001, django)}} if noted else {}
    assert recounts() == expected


def test_package_that_comes_and_one_that_goes_are_noted() -> None:
    with time_machine.travel(NOW, tick=False):
        count_day(DAY, {"django": {PIP_311: 1001}, "new": {MIRROR: 7}})

    assert recounts() == {
        "other": {DAY: Recount(NOW, 3, 0)},
        "new": {DAY: Recount(NOW, 0, 7)},
    }


def test_day_that_is_counted_for_all_notes_none_that_it_brings() -> None:
    day = DAY + timedelta(days=1)
    count_day(day, {"other": {PIP_311: 3}}, packages=["other"])

    with time_machine.travel(NOW, tick=False):
        count_day(day, {"other": {PIP_311: 4}, "new": {PIP_311: 7}})

    assert recounts() == {"other": {day: Recount(NOW, 3, 4)}}


def test_made_up_recounts_go_with_the_sample() -> None:
    CountedDay.objects.all().delete()
    DownloadRecord.objects.all().delete()
    Package.objects.update(tracked=True)
    for number in (1, 2):
        count_day(DAY, {"django": {PIP_311: number}}, source="sample")
    assert RecountedPackage.objects.count() == 1

    count_day(DAY + timedelta(days=1), {"django": {PIP_311: 5}})

    assert not RecountedPackage.objects.exists()


def test_day_of_a_settled_month_is_read_like_any_other() -> None:
    count_day(DAY + timedelta(days=35), {"django": {PIP_311: 1}})
    assert upkeep.settle_months() == 2

    with time_machine.travel(NOW + timedelta(days=40), tick=False):
        count_day(DAY, {"django": {PIP_311: 1001}, "other": {PIP_311: 4}})

    at = NOW + timedelta(days=40)
    assert recounts() == {"other": {DAY: Recount(at, 3, 4)}}


def test_day_that_was_not_over_notes_nothing() -> None:
    today = DAY + timedelta(days=1)
    for hour in (6, 12):
        with time_machine.travel(datetime(2026, 10, 19, hour, tzinfo=UTC), tick=False):
            count_day(today, {"django": {PIP_311: hour}})

    assert recounts() == {}


def test_recounts_go_with_their_days_and_packages(settings: Settings) -> None:
    settings.RETENTION_DAYS = 30
    for day in (DAY, DAY + timedelta(days=20)):
        for number in (1, 2):
            count_day(day, {"django": {PIP_311: number}, "other": {PIP_311: number}})
    count_day(DAY + timedelta(days=35), {"django": {PIP_311: 1}})
    snapshot.refreshed()

    upkeep.trim()
    assert {row.day for row in RecountedPackage.objects.all()} == {
        DAY + timedelta(days=20)
    }

    remove(Package.objects.filter(normalized_name="other"))
    assert [str(row) for row in RecountedPackage.objects.all()] == [
        "django: 2026-11-07"
    ]
