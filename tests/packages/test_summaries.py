"""Periods of one package, added up in one go."""

from collections.abc import Callable, Iterator
from datetime import date, timedelta

import pytest
from django.db import transaction
from django.utils import timezone
from pytest_django import DjangoDbBlocker

from packages import cells, stats
from packages.mirrors import Dimension
from packages.models import (
    CountedDay,
    DownloadRecord,
    Generation,
    MirrorEntry,
    MirrorList,
)
from packages.summaries import Spans, Summary, summaries
from tests.factories import MIRROR, PIP_39, PIP_311, POETRY, UV_CI, count_day

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("_two_weeks")]

MONDAY = date(2026, 9, 28)
"""A week that lies in two months."""
DAY = timedelta(days=1)
WEEKS = Spans([(MONDAY, MONDAY + 6 * DAY), (MONDAY + 7 * DAY, MONDAY + 13 * DAY)])
BY = (Dimension.PYTHON_MINOR, Dimension.INSTALLER)


def found(package: str = "django") -> list[Summary]:
    return summaries(stats.history(package), WEEKS, BY)


@pytest.fixture(scope="module")
def _two_weeks(
    django_db_setup: None, django_db_blocker: DjangoDbBlocker
) -> Iterator[None]:
    """Counted once for all tests, which roll back what they change."""
    with django_db_blocker.unblock(), transaction.atomic():
        _count_two_weeks()
        yield
        transaction.set_rollback(True)


def _count_two_weeks() -> None:
    """Most clients download daily; two do so on few days of the month."""
    for number in range(14):
        of_day = {PIP_311: 10 + number, POETRY: 1, MIRROR: 5}
        if number in {2, 8}:
            of_day[UV_CI] = 4
        if number == 13:
            of_day[PIP_39] = 7
        count_day(MONDAY + number * DAY, {"django": of_day})


EXPECTED = [
    Summary(
        with_mirrors=91 + 7 + 35 + 4,
        without_mirrors=91 + 7 + 4,
        breakdowns={
            Dimension.PYTHON_MINOR: [("3.11", 91), ("null", 7), ("3.12", 4)],
            Dimension.INSTALLER: [("pip", 91), ("poetry", 7), ("uv", 4)],
        },
    ),
    Summary(
        with_mirrors=140 + 7 + 35 + 4 + 7,
        without_mirrors=140 + 7 + 4 + 7,
        breakdowns={
            Dimension.PYTHON_MINOR: [
                ("3.11", 140),
                ("3.9", 7),  # as many as the next, and before it by name
                ("null", 7),
                ("3.12", 4),
            ],
            Dimension.INSTALLER: [("pip", 147), ("poetry", 7), ("uv", 4)],
        },
    ),
]


@pytest.mark.parametrize("settled", [(), (9,), (10,), (9, 10)])
def test_weeks_are_added_up_whatever_form_their_months_have(
    settled: tuple[int, ...],
) -> None:
    for record in DownloadRecord.objects.filter(month__month__in=settled):
        record.days = cells.settle(record.days)
        record.save()

    assert found() == EXPECTED


@pytest.mark.parametrize("pack", [str, cells.settle])
def test_day_that_is_not_on_show_adds_nothing(pack: Callable[[str], str]) -> None:
    for record in DownloadRecord.objects.all():
        record.days = pack(record.days)
        record.save()
    hidden = CountedDay.objects.filter(day=MONDAY + 8 * DAY)
    hidden.update(trimmed_at=timezone.now())
    Generation.rise()

    first, second = found()

    assert first == EXPECTED[0]
    assert second.with_mirrors == EXPECTED[1].with_mirrors - 18 - 1 - 5 - 4
    assert second.breakdowns[Dimension.INSTALLER] == [("pip", 129), ("poetry", 6)]


def test_mirror_is_one_from_the_day_on_which_its_entry_begins() -> None:
    MirrorEntry.objects.create(
        mirror_list=MirrorList.objects.get(is_default=True),
        installer="poetry",
        reason="Copies what it finds.",
        valid_from=MONDAY + 3 * DAY,
        valid_until=MONDAY + 7 * DAY,
    )
    Generation.rise()

    first, second = found()

    assert first.with_mirrors == EXPECTED[0].with_mirrors
    assert first.without_mirrors == EXPECTED[0].without_mirrors - 4
    assert first.breakdowns[Dimension.INSTALLER][1:] == [("uv", 4), ("poetry", 3)]
    assert second.breakdowns[Dimension.INSTALLER][1:] == [("poetry", 6), ("uv", 4)]


def test_weeks_without_downloads_are_empty() -> None:
    count_day(MONDAY + 6 * DAY, {"flask": {MIRROR: 3}})

    nothing: dict[Dimension, list[tuple[str, int]]] = {name: [] for name in BY}
    assert found("flask") == [Summary(3, 0, nothing), Summary(0, 0, nothing)]


def test_days_that_nobody_asks_for_are_left_out() -> None:
    day = MONDAY + 5 * DAY

    assert summaries(stats.history("django"), Spans([(day, day)])) == [
        Summary(with_mirrors=21, without_mirrors=16, breakdowns={})
    ]
