"""How long answers hold, by the clock and the ledger."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
import time_machine
from pytest_django import Settings

from packages import freshness, shape, snapshot
from packages.models import Generation
from tests.factories import PIP_311, count_day

pytestmark = pytest.mark.django_db
LAST = date(2026, 11, 18)
HOUR = 3600
NOON = datetime(2026, 11, 19, 12, tzinfo=UTC)


def age_at(day: int, hour: int, minute: int = 0) -> int:
    now = datetime(2026, 11, day, hour, minute, tzinfo=UTC)
    with time_machine.travel(now, tick=False):
        snapshot.refreshed()
        return freshness.max_age(snapshot.current())


@pytest.fixture(autouse=True)
def _counted(settings: Settings) -> None:
    settings.INGEST_TIME_UTC = "3:30"
    with time_machine.travel(datetime(2026, 11, 19, 2, tzinfo=UTC)):
        count_day(LAST, {"django": {PIP_311: 1}})


@pytest.mark.parametrize(
    ("day", "hour", "minute", "expected"),
    [
        (19, 3, 0, 35 * 60),  # its own run is yet to come, and may correct it
        (19, 3, 34, 60),
        (19, 3, 35, 24 * HOUR),
        (20, 3, 30, 5 * 60),
        (20, 3, 35, 60),  # the next day is late from here on
        (20, 4, 35, HOUR // 10),
        (22, 3, 35, HOUR),
    ],
)
def test_answers_hold_until_the_next_day_is_expected(
    day: int, hour: int, minute: int, expected: int
) -> None:
    assert age_at(day, hour, minute) == expected


def test_age_is_worked_out_anew_once_the_instant_has_passed() -> None:
    with time_machine.travel(datetime(2026, 11, 19, 3, tzinfo=UTC), tick=False) as now:
        state = snapshot.current()
        ages = [freshness.max_age(state)]
        for minutes in (30, 10):
            now.shift(minutes * 60)
            ages.append(freshness.max_age(state))

    assert ages == [35 * 60, 5 * 60, 24 * HOUR - 5 * 60]


def test_running_day_alone_is_looked_at_again_soon() -> None:
    with time_machine.travel(datetime(2026, 11, 19, 2, tzinfo=UTC), tick=False):
        state = snapshot.Snapshot(1, Generation.current().changed_at)
        state.window = snapshot.Window(LAST, date(2026, 11, 19), complete=False)

        assert freshness.max_age(state) == 60


def test_run_just_before_midnight_counts_the_day_before(settings: Settings) -> None:
    settings.INGEST_TIME_UTC = "23:58"

    assert age_at(19, 23, 59) == 4 * 60
    assert age_at(20, 0, 4) == 24 * HOUR - 60
    assert age_at(21, 0, 4) == 60


def test_no_date_while_its_second_is_not_over(monkeypatch: pytest.MonkeyPatch) -> None:
    changed_at = datetime(2026, 11, 19, 2, 0, 0, 300_000, tzinfo=UTC)
    state = snapshot.Snapshot(1, changed_at)
    dates = []
    with time_machine.travel(changed_at, tick=False) as now:
        for seconds in (0, 0.6, 0.2):
            now.shift(seconds)
            dates.append(freshness.last_modified(state))

    assert dates == [None, None, "Thu, 19 Nov 2026 02:00:00 GMT"]


def test_code_is_part_of_what_answers_depend_on(
    monkeypatch: pytest.MonkeyPatch, settings: Settings
) -> None:
    before = freshness.seal(snapshot.refreshed())
    settings.VERSION = "0.1.1"
    other_version = freshness.seal(snapshot.refreshed())
    monkeypatch.setattr(shape, "_code", lambda: "another hash")
    other_code = freshness.seal(snapshot.refreshed())

    assert len({before, other_version, other_code}) == 3


def test_new_code_is_newer_than_its_data(
    monkeypatch: pytest.MonkeyPatch, settings: Settings, tmp_path: Path
) -> None:
    """And as old as it is, whichever process runs it; a rollback is new as well."""
    settings.VAR_DIR = tmp_path

    def modified(code: str, started: int) -> str | None:
        monkeypatch.setattr(shape, "_code", lambda: code)
        monkeypatch.setattr(shape, "STARTED", int(NOON.timestamp()) + started)
        shape.shaped_at.cache_clear()
        with time_machine.travel(NOON + timedelta(hours=1), tick=False):
            return freshness.last_modified(snapshot.refreshed())

    dates = [modified(*run) for run in [("a", 0), ("a", 9), ("b", 20), ("a", 30)]]
    (tmp_path / shape.FILE).write_text("a never")
    dates.append(modified("a", 40))
    settings.VAR_DIR = tmp_path / "nowhere"
    dates.append(modified("a", 50))
    shape.shaped_at.cache_clear()

    assert [date and date[-12:-4] for date in dates] == [
        *("12:00:00", "12:00:00", "12:00:20", "12:00:30", "12:00:40", "12:00:50")
    ]
