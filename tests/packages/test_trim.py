"""Days beyond RETENTION_DAYS go; the months keep their totals."""

from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from django.core.management import call_command
from pytest_django import Settings

from packages import snapshot, stats, store, upkeep
from packages.cells import unpack_cells
from packages.exceptions import DayNotKeptError, FutureDayError
from packages.models import CountedDay, DownloadRecord
from packages.stats import Recent
from tests.factories import MIRROR, PIP_311, UV_CI, count_day

pytestmark = pytest.mark.django_db
LAST = date(2026, 11, 18)
EXPIRED = LAST - timedelta(days=180)
FIRST_KEPT = EXPIRED + timedelta(days=1)


def count_both_ends() -> None:
    for day in (EXPIRED - timedelta(days=1), EXPIRED, FIRST_KEPT):
        count_day(day, {"django": {PIP_311: 10, MIRROR: 5}, "flask": {UV_CI: 1}})
    count_day(LAST, {"django": {PIP_311: 1}})


def shown_days() -> list[date]:
    return [row.day for row in stats.history("django").overall(mirrors=True)]


def test_no_reader_shows_an_expired_day_before_the_trim() -> None:
    count_both_ends()

    assert shown_days() == [FIRST_KEPT, LAST]
    assert stats.history("__all__").overall(mirrors=True)[0].day == FIRST_KEPT


def test_trim_removes_days_and_keeps_totals() -> None:
    count_both_ends()

    removed = upkeep.trim()

    assert removed == (2, 0)  # the month has a kept day still
    assert shown_days() == [FIRST_KEPT, LAST]
    trimmed = CountedDay.objects.filter(day__lte=EXPIRED)
    assert set(trimmed.values_list("cells", "downloads")) == {("", 16)}


def test_second_trim_removes_nothing() -> None:
    count_both_ends()
    upkeep.trim()

    assert upkeep.trim() == (0, 0)


def test_dry_run_changes_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    count_both_ends()
    before = list(DownloadRecord.objects.values())

    call_command("trim", "--dry-run")

    assert "Would trim 2 days; 0 records are cleared." in capsys.readouterr().out
    assert list(DownloadRecord.objects.values()) == before


def test_whole_month_keeps_one_small_row() -> None:
    old = date(2026, 1, 31)
    count_day(old, {"django": {PIP_311: 10}})
    count_day(LAST, {"django": {PIP_311: 1}})

    assert upkeep.trim() == (1, 1)

    record = DownloadRecord.objects.get(month=date(2026, 1, 1))
    assert (record.downloads, record.days) == (10, "")
    assert list(unpack_cells(record.trimmed).values()) == [10]
    assert CountedDay.objects.get(day=old).downloads == 10


def test_trimmed_day_cannot_be_counted_twice() -> None:
    count_both_ends()
    upkeep.trim()

    with pytest.raises(DayNotKeptError, match="RETENTION_DAYS"):
        count_day(EXPIRED, {"django": {PIP_311: 10}})


def test_future_day_is_refused() -> None:
    with pytest.raises(FutureDayError, match="has not begun"):
        count_day(store.today() + timedelta(days=1), {"django": {PIP_311: 1}})


def test_running_day_trims_nothing_that_is_shown(settings: Settings) -> None:
    settings.RETENTION_DAYS = 30
    with time_machine.travel(datetime(2026, 11, 19, 6, tzinfo=UTC), tick=False):
        for offset in range(-1, 30):
            day = LAST - timedelta(days=offset)
            count_day(day, {"django": {PIP_311: 3}})
        before = stats.history("django").recent()

        upkeep.trim()

        assert before == stats.history("django").recent() == Recent(3, 21, 90, LAST)


def test_trimmed_days_are_no_zeros_when_more_days_are_kept(settings: Settings) -> None:
    settings.RETENTION_DAYS = 30
    old = LAST - timedelta(days=30)
    for day in (old, LAST):
        count_day(day, {"django": {PIP_311: 3}})
    upkeep.trim()

    settings.RETENTION_DAYS = 60
    snapshot.refreshed()

    assert list(snapshot.current().days) == [LAST]
