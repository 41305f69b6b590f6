"""Runs replace days, leave failed ones alone, and make up for missing ones."""

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.db import IntegrityError, transaction
from pytest_django import Settings

from ingest import daily, runner
from ingest.account import Account
from ingest.exceptions import AnotherIngestError
from ingest.failures import MOST_TRIES
from ingest.lock import only_ingest
from ingest.models import IngestRun
from ingest.runner import Order, Outcome
from ingest.sources.base import DayRange, whole_range
from packages import stats, store
from packages.models import CountedDay, DownloadRecord, Package
from tests.factories import PIP_311, count_day, pack
from tests.fakes import BrokenSource, ListSource

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 20)
YESTERDAY = TODAY - timedelta(days=1)


@pytest.fixture(autouse=True)
def _now() -> Iterator[None]:
    with time_machine.travel(datetime(2026, 11, 20, 4, tzinfo=UTC), tick=False):
        yield


def totals(package: str = "django") -> dict[date, int]:
    rows = stats.history(package).overall(mirrors=True)
    return {row.day: row.downloads for row in rows}


def use(monkeypatch: pytest.MonkeyPatch, source: ListSource) -> ListSource:
    monkeypatch.setattr(daily, "configured_source", lambda: source)
    return source


def ingest(source: ListSource, *days: date) -> Outcome:
    return runner.ingest(source, Order(days=days or None))


def test_events_that_cannot_be_looked_for_fail_no_day(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(on_day: object) -> int:
        raise ZeroDivisionError

    before = YESTERDAY - timedelta(days=1)
    days = {before: {"django": 10}, YESTERDAY: {"django": 20}}
    with monkeypatch.context() as patched:
        patched.setattr(runner, "detect_pending", fail)
        outcome = ingest(ListSource(days))

    assert ([day.day for day in outcome.counted], outcome.failed) == (list(days), {})
    assert {run.state for run in IngestRun.objects.all()} == {"succeeded"}
    assert totals() == {before: 10, YESTERDAY: 20}
    assert "ZeroDivisionError" in caplog.text
    assert CountedDay.objects.filter(events_at=None).count() == 2

    ingest(ListSource({YESTERDAY: {"django": 20}}))

    assert not CountedDay.objects.filter(events_at=None).exists()


def test_failed_run_leaves_the_day_as_it_was() -> None:
    ingest(ListSource({YESTERDAY: {"django": 10}}))

    outcome = ingest(BrokenSource({YESTERDAY: {"django": 99}}), YESTERDAY)

    assert outcome.failed == {YESTERDAY: "The source broke in the middle."}
    assert totals() == {YESTERDAY: 10}
    run = IngestRun.objects.first()
    assert run is not None
    assert (run.state, run.error) == ("failed", "The source broke in the middle.")


def test_error_in_the_store_undoes_the_whole_day(tmp_path: Path) -> None:
    count_day(YESTERDAY, {"django": {PIP_311: 10}})
    packed = pack(YESTERDAY, {"django": {PIP_311: 99}}, tmp_path / "day.csv")
    packed.path.write_text(packed.path.read_text() * 2)

    with pytest.raises(IntegrityError), transaction.atomic():
        store.replace_day(packed, "files")

    assert totals() == {YESTERDAY: 10}


def test_one_failed_day_does_not_keep_the_others_from_being_counted() -> None:
    before = YESTERDAY - timedelta(days=1)

    outcome = ingest(ListSource({YESTERDAY: {"django": 1}}), before, YESTERDAY)

    assert list(outcome.failed) == [before]
    assert totals() == {YESTERDAY: 1}
    assert CountedDay.objects.get(day=before).status == CountedDay.Status.MISSING


def test_daily_run_counts_every_missing_day(monkeypatch: pytest.MonkeyPatch) -> None:
    days = [YESTERDAY - timedelta(days=n) for n in range(10)]
    count_day(days[-1], {"django": {PIP_311: 1}})
    count_day(days[5], {"django": {PIP_311: 1}})
    source = use(monkeypatch, ListSource({day: {"django": 7} for day in days}))

    daily.ingest_missing()

    assert totals() == dict.fromkeys(days, 7) | {days[-1]: 1, days[5]: 1}
    assert len(source.asked) == 8


def test_daily_run_reads_the_last_days_again(
    monkeypatch: pytest.MonkeyPatch, settings: Settings
) -> None:
    settings.INGEST_TRAILING_DAYS = 2
    days = [YESTERDAY - timedelta(days=n) for n in range(4)]
    for day in days:
        count_day(day, {"django": {PIP_311: 5}})
    use(monkeypatch, ListSource({day: {"django": 6} for day in days}))

    daily.ingest_missing()

    assert totals() == {days[0]: 6, days[1]: 6, days[2]: 5, days[3]: 5}
    assert CountedDay.objects.get(day=days[0]).revisions == [
        {
            "at": "2026-11-20T04:00:00+00:00",
            "source": "list",
            "downloads": [5, 6],
            "packages": [1, 1],
            "checks": [[], ["not-less-than-before", "nothing-usual"]],
        }
    ]


def test_last_days_of_which_half_is_lost_stay(monkeypatch: pytest.MonkeyPatch) -> None:
    count_day(YESTERDAY, {"django": {PIP_311: 5}})
    use(monkeypatch, ListSource({YESTERDAY: {"django": 2}}))

    outcome = daily.ingest_missing()

    assert outcome.failed == {}
    assert totals() == {YESTERDAY: 5}


def test_last_days_that_the_source_lost_stay(monkeypatch: pytest.MonkeyPatch) -> None:
    count_day(YESTERDAY, {"django": {PIP_311: 5}})
    use(monkeypatch, ListSource({}))

    outcome = daily.ingest_missing()

    assert outcome.failed == {}
    assert totals() == {YESTERDAY: 5}
    assert CountedDay.objects.get().status == CountedDay.Status.COMPLETE


def test_gap_that_the_source_cannot_fill_fails_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    gap = YESTERDAY - timedelta(days=5)
    for day in (gap - timedelta(days=1), *_days_after(gap)):
        count_day(day, {"django": {PIP_311: 5}})
    use(monkeypatch, ListSource({}))

    first, second = daily.ingest_missing(), daily.ingest_missing()

    assert (list(first.failed), second.failed) == ([gap], {})
    assert IngestRun.objects.filter(day=gap).count() == 1


def test_gap_is_filled_once_the_source_has_it(monkeypatch: pytest.MonkeyPatch) -> None:
    gap = YESTERDAY - timedelta(days=5)
    for day in (gap - timedelta(days=1), *_days_after(gap)):
        count_day(day, {"django": {PIP_311: 5}})
    store.mark_missing(gap)
    use(monkeypatch, ListSource({gap: {"django": 7}}))

    daily.ingest_missing()

    assert totals()[gap] == 7


def _days_after(day: date) -> list[date]:
    return [day + timedelta(days=n) for n in range(1, (YESTERDAY - day).days + 1)]


@pytest.mark.parametrize("day", [date(2020, 1, 1), date(2062, 1, 1)])
def test_day_that_is_never_kept_stays_out_of_the_ledger(day: date) -> None:
    ingest(ListSource({YESTERDAY: {"django": 1}}))

    outcome = ingest(ListSource({}), day)

    assert list(outcome.failed) == [day]
    assert not CountedDay.objects.filter(day=day).exists()


def test_day_that_fails_before_it_is_over_is_not_missing_yet() -> None:
    outcome = ingest(BrokenSource({TODAY: {}}), TODAY)

    assert list(outcome.failed) == [TODAY]
    assert not CountedDay.objects.exists()


def test_daily_run_trims(monkeypatch: pytest.MonkeyPatch, settings: Settings) -> None:
    settings.RETENTION_DAYS = 30
    expired = YESTERDAY - timedelta(days=30)
    count_day(expired, {"django": {PIP_311: 5}})
    use(monkeypatch, ListSource({YESTERDAY: {"django": 7}}))

    daily.ingest_missing()

    record = DownloadRecord.objects.get(month=expired.replace(day=1))
    assert record.downloads == 5
    assert CountedDay.objects.get(day=expired).trimmed_at is not None


@pytest.mark.parametrize(
    ("hour", "newest", "expected"),
    [
        (4, YESTERDAY, False),
        (4, YESTERDAY - timedelta(days=1), True),
        (2, YESTERDAY - timedelta(days=1), False),
        (2, YESTERDAY - timedelta(days=2), True),
    ],
)
def test_day_is_overdue_once_the_daily_task_has_missed_it(
    settings: Settings, hour: int, newest: date, expected: bool
) -> None:
    settings.INGEST_SOURCE, settings.INGEST_TIME_UTC = "files", "3:30"
    count_day(newest, {"django": {PIP_311: 1}})

    with time_machine.travel(datetime(2026, 11, 20, hour, tzinfo=UTC), tick=False):
        assert daily.is_overdue() is expected


def test_nothing_is_overdue_before_the_first_day(settings: Settings) -> None:
    settings.INGEST_SOURCE = "files"

    assert not daily.is_overdue()


def test_day_that_kills_the_worker_is_not_tried_for_ever(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.INGEST_SOURCE = "files"
    count_day(YESTERDAY - timedelta(days=1), {"django": {PIP_311: 1}})
    # Nothing of ours runs in a process that is killed.
    monkeypatch.setattr(runner, "fail", lambda *args: None)
    monkeypatch.setattr(Account, "abandon_waiting", lambda *args: None)
    source = use(monkeypatch, Killing({}))
    for _ in range(MOST_TRIES):
        assert daily.is_overdue()
        with pytest.raises(KilledError):
            daily.ingest_missing()

    assert not daily.is_overdue()
    assert len(source.asked) == MOST_TRIES


class KilledError(BaseException):
    """Ends the process."""


class Killing(ListSource):
    """A source that cannot be read without the process being killed."""

    def fill(self, *args: Any) -> None:
        super().fill(*args)
        raise KilledError


def test_runs_are_on_record_while_the_source_is_read() -> None:
    class Watched(ListSource):
        def fill(self, *args: Any) -> None:
            super().fill(*args)
            self.seen = list(IngestRun.objects.values_list("day", "state"))

    source = Watched({YESTERDAY: {"django": 5}})
    ingest(source, YESTERDAY)

    assert source.seen == [(YESTERDAY, "running")]
    assert [run.state for run in IngestRun.objects.all()] == ["succeeded"]


def test_error_leaves_no_later_day_of_its_portion_running(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class InOnePortion(ListSource):
        def chunks(self, days: Sequence[date] | None) -> Iterator[DayRange]:
            return whole_range(days)

    days = [YESTERDAY - timedelta(days=1), YESTERDAY]
    monkeypatch.setattr(store, "replace_day", lambda *args: 1 / 0)

    with pytest.raises(ZeroDivisionError):
        ingest(InOnePortion({day: {"django": 5} for day in days}), *days)

    runs = IngestRun.objects.order_by("day").values_list("state", "error")
    assert list(runs) == [
        ("failed", "division by zero"),
        ("abandoned", "The ingest ended before it was this day's turn."),
    ]


def test_day_read_before_its_end_is_partial_though_stored_after_it() -> None:
    class Slow(ListSource):
        def fill(self, *args: Any) -> None:
            super().fill(*args)
            clock.move_to(datetime(2026, 11, 20, 0, 1, tzinfo=UTC))

    before_midnight = datetime(2026, 11, 19, 23, 59, tzinfo=UTC)
    for days in [(YESTERDAY,), ()]:
        with time_machine.travel(before_midnight, tick=False) as clock:
            ingest(Slow({YESTERDAY: {"django": 5}}), *days)

        assert CountedDay.objects.get().status == CountedDay.Status.PARTIAL


def test_whole_source_that_lost_much_is_not_taken_for_a_wish() -> None:
    ingest(ListSource({YESTERDAY: {"django": 900}}))

    outcome = ingest(ListSource({YESTERDAY: {"django": 3}}))

    assert "has 3 downloads now and had 900" in outcome.failed[YESTERDAY]
    assert totals() == {YESTERDAY: 900}


def test_running_day_is_partial_and_not_shown_beside_complete_ones() -> None:
    ingest(ListSource({YESTERDAY: {"django": 5}, TODAY: {"django": 1}}))

    assert CountedDay.objects.get(day=TODAY).status == CountedDay.Status.PARTIAL
    assert totals() == {YESTERDAY: 5}


def test_running_day_is_shown_while_it_is_all_there_is() -> None:
    ingest(ListSource({TODAY: {"django": 1}}))

    assert totals() == {TODAY: 1}


def test_quiet_day_is_counted_as_zero() -> None:
    ingest(ListSource({YESTERDAY: {}}))

    counted = CountedDay.objects.get()
    assert (counted.status, counted.downloads) == ("complete", 0)


def test_empty_day_never_replaces_a_good_one() -> None:
    ingest(ListSource({YESTERDAY: {"django": 5}}))

    outcome = ingest(ListSource({YESTERDAY: {}}), YESTERDAY)

    assert "has 0 downloads now and had 5" in outcome.failed[YESTERDAY]
    assert totals() == {YESTERDAY: 5}


def test_day_far_below_its_weekday_is_not_believed() -> None:
    weeks = [YESTERDAY - timedelta(weeks=n) for n in range(1, 5)]
    for day in weeks:
        count_day(day, {"django": {PIP_311: 10_000}})

    outcome = ingest(ListSource({YESTERDAY: {"django": 900}}), YESTERDAY)

    assert "where 10000 are usual" in outcome.failed[YESTERDAY]
    assert YESTERDAY not in totals()


def test_second_ingest_is_refused_while_one_runs() -> None:
    source = ListSource({YESTERDAY: {"django": 5}})

    class Nested(ListSource):
        def fill(self, *args: object) -> None:
            with pytest.raises(AnotherIngestError):
                ingest(source)
            super().fill(*args)  # type: ignore[arg-type]

    ingest(Nested(source.days))

    assert totals() == {YESTERDAY: 5}


def test_runs_of_dead_processes_are_marked() -> None:
    IngestRun.begin(YESTERDAY, "list")

    ingest(ListSource({YESTERDAY: {"django": 5}}))

    states = IngestRun.objects.order_by("id").values_list("state", flat=True)
    assert list(states) == ["abandoned", "succeeded"]


def test_lock_is_free_after_an_error() -> None:
    with pytest.raises(ZeroDivisionError), only_ingest():
        raise ZeroDivisionError

    with only_ingest():
        pass


def test_only_tracked_packages_are_counted(settings: Settings) -> None:
    settings.INGEST_PACKAGES = "tracked"
    Package.objects.create(normalized_name="django", tracked=True)

    source = ListSource({YESTERDAY: {"Django": 5, "flask": 1}})
    ingest(source)

    assert source.asked_packages == [["django"]]
    assert totals() == {YESTERDAY: 5}
    assert list(Package.objects.values_list("normalized_name", flat=True)) == ["django"]


def test_tracking_nothing_is_an_error(settings: Settings) -> None:
    settings.INGEST_PACKAGES = "tracked"

    outcome = ingest(ListSource({YESTERDAY: {"django": 5}}), YESTERDAY)

    assert "no package is" in outcome.failed[YESTERDAY]


def test_first_real_day_removes_the_sample() -> None:
    count_day(YESTERDAY, {"made-up": {PIP_311: 5}}, source="sample")
    kept = Package.objects.create(normalized_name="mine", tracked=True)

    ingest(ListSource({YESTERDAY: {"django": 1}}))

    assert totals() == {YESTERDAY: 1}
    assert not Package.objects.filter(normalized_name="made-up").exists()
    assert Package.objects.filter(pk=kept.pk).exists()


def test_sample_never_mixes_with_real_days() -> None:
    ingest(ListSource({YESTERDAY: {"django": 1}}))
    source = ListSource({YESTERDAY: {"made-up": 5}})
    source.name = "sample"

    outcome = ingest(source)

    assert "real numbers" in outcome.failed[YESTERDAY]
    assert totals() == {YESTERDAY: 1}
