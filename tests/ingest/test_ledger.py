"""The ledger says what is true: holes, failures, incidents and implausible days."""

import logging
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from pytest_django import Settings

from ingest import daily as daily_task
from ingest import runner
from ingest.exceptions import DayNotCoveredError, SourceError
from ingest.failures import (
    LONGEST_WAIT,
    MOST_TRIES,
    failing_days,
    unexplained_days,
    wait_after,
)
from ingest.health import data_health
from ingest.holes import days_to_count
from ingest.models import IngestRun
from ingest.runner import Order, Outcome
from packages import coverage, snapshot, stats
from packages.models import (
    CountedDay,
    Generation,
    Incident,
    MirrorEntry,
    MirrorList,
)
from tests.factories import PIP_311, UV_CI, count_day
from tests.fakes import BrokenSource, ListSource

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 20)
YESTERDAY = TODAY - timedelta(days=1)
Status = CountedDay.Status


@pytest.fixture(autouse=True)
def _now() -> Iterator[None]:
    with time_machine.travel(datetime(2026, 11, 20, 4, tzinfo=UTC), tick=False):
        yield


def ago(days: int) -> date:
    return YESTERDAY - timedelta(days=days)


def at(day: date) -> time_machine.travel:
    """The time of the daily task on ``day``."""
    instant = datetime(day.year, day.month, day.day, 4, tzinfo=UTC)
    return time_machine.travel(instant, tick=False)


def daily(monkeypatch: pytest.MonkeyPatch, source: ListSource) -> Outcome:
    monkeypatch.setattr(daily_task, "configured_source", lambda: source)
    return daily_task.ingest_missing()


def ingest(downloads: int, *, day: date = YESTERDAY, force: bool = False) -> Outcome:
    source = ListSource({day: {"django": downloads}})
    source.name = "files"
    return runner.ingest(source, Order(days=[day], force=force))


def count_weekdays(downloads: int, *, before: date = YESTERDAY, weeks: int = 4) -> None:
    for week in range(1, weeks + 1):
        day = before - timedelta(weeks=week)
        count_day(day, {"django": {PIP_311: downloads}})


def asked(source: ListSource) -> list[date | None]:
    return [days.first for days in source.asked]


def ledger() -> dict[date, str]:
    return dict(CountedDay.objects.values_list("day", "status"))


def test_holes_are_filled_newest_first_within_the_budget(
    monkeypatch: pytest.MonkeyPatch, settings: Settings
) -> None:
    settings.INGEST_TRAILING_DAYS, settings.INGEST_HOLES_PER_RUN = 1, 2
    for age in (0, 3, 7):
        count_day(ago(age), {"django": {PIP_311: 1}})
    days = {ago(age): {"django": 1} for age in range(8)}
    first, second = ListSource(days), ListSource(days)

    daily(monkeypatch, first)
    daily(monkeypatch, second)

    assert asked(first) == [ago(0), ago(1), ago(2)]
    assert asked(second) == [ago(0), ago(4), ago(5)]


def test_budget_of_nothing_fills_no_hole(
    monkeypatch: pytest.MonkeyPatch, settings: Settings
) -> None:
    settings.INGEST_TRAILING_DAYS, settings.INGEST_HOLES_PER_RUN = 1, 0
    count_day(ago(9), {"django": {PIP_311: 1}})
    source = ListSource({YESTERDAY: {"django": 1}})

    daily(monkeypatch, source)

    assert asked(source) == [YESTERDAY]


def test_yesterday_is_counted_once_without_trailing_days_or_a_budget(
    monkeypatch: pytest.MonkeyPatch, settings: Settings
) -> None:
    settings.INGEST_TRAILING_DAYS, settings.INGEST_HOLES_PER_RUN = 0, 0
    count_day(ago(2), {"django": {PIP_311: 1}})
    days = {ago(age): {"django": 1} for age in range(3)}
    first, second = ListSource(days), ListSource(days)

    daily(monkeypatch, first)
    daily(monkeypatch, second)

    assert asked(first) == [YESTERDAY]
    assert asked(second) == []


def test_day_asked_for_in_vain_is_a_hole_even_before_the_first_counted(
    monkeypatch: pytest.MonkeyPatch, settings: Settings
) -> None:
    settings.INGEST_TRAILING_DAYS = 0
    with at(ago(9)):
        runner.ingest(BrokenSource({ago(12): {}}), Order(days=[ago(12)]))
    for age in range(12):
        count_day(ago(age), {"django": {PIP_311: 1}})
    source = ListSource({ago(12): {"django": 3}})

    daily(monkeypatch, source)

    assert asked(source) == [ago(12)]
    assert ledger()[ago(12)] == Status.COMPLETE


def test_days_beyond_the_kept_ones_are_no_holes(
    monkeypatch: pytest.MonkeyPatch, settings: Settings
) -> None:
    settings.RETENTION_DAYS, settings.INGEST_HOLES_PER_RUN = 30, 365
    count_day(ago(50), {"django": {PIP_311: 1}})
    source = ListSource({ago(age): {"django": 1} for age in range(60)})

    daily(monkeypatch, source)

    assert asked(source) == [ago(age) for age in range(30)]


def test_first_ever_ingest_that_fails_blocks_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    outcome = daily(monkeypatch, BrokenSource({YESTERDAY: {"django": 1}}))
    assert (list(outcome.failed), ledger()) == ([YESTERDAY], {YESTERDAY: "missing"})

    with at(TODAY + timedelta(days=1)):
        days: dict[date, dict[str, int]] = {TODAY: {"django": 2}, YESTERDAY: {}}
        daily(monkeypatch, ListSource(days))

    assert ledger() == {YESTERDAY: "complete", TODAY: "complete"}
    assert stats.history("django").recent().last_day == 2


def test_day_that_keeps_failing_waits_longer_each_time(
    monkeypatch: pytest.MonkeyPatch, settings: Settings
) -> None:
    settings.INGEST_TRAILING_DAYS = 0
    hole = ago(1)
    count_day(ago(2), {"django": {PIP_311: 1}})
    count_day(ago(0), {"django": {PIP_311: 1}})
    tried = []

    for offset in range(50):
        with at(TODAY + timedelta(days=offset)):
            yesterday = TODAY + timedelta(days=offset - 1)
            daily(monkeypatch, ListSource({yesterday: {"django": 1}}))
            if IngestRun.objects.first() == IngestRun.objects.filter(day=hole).first():
                tried.append(offset)

    assert tried == [0, 1, 3, 7, 15, 31, 47]
    assert [wait_after(n) for n in (1, 2, 3, 4, 5, 6)] == [1, 2, 4, 8, 16, LONGEST_WAIT]


def test_three_tries_on_one_date_wait_like_one() -> None:
    for _ in range(3):
        runner.ingest(BrokenSource({ago(9): {}}), Order(days=[ago(9)]))

    failing = failing_days()[0]

    assert (failing.tries, failing.next_try) == (1, TODAY + timedelta(days=1))


def test_last_days_are_tried_every_day(settings: Settings) -> None:
    settings.INGEST_TRAILING_DAYS = 3
    for offset in (-2, -1, 0):
        with at(TODAY + timedelta(days=offset)):
            runner.ingest(BrokenSource({}), Order(days=[ago(3), ago(1)]))

    waits = {failing.day: failing.next_try for failing in failing_days()}

    assert waits == {
        ago(1): TODAY + timedelta(days=1),
        ago(3): TODAY + timedelta(days=4),
    }


def test_failing_day_tells_since_when_why_and_what_to_do() -> None:
    with at(ago(1)):
        runner.ingest(BrokenSource({ago(9): {}}), Order(days=[ago(9)]))
    runner.ingest(BrokenSource({ago(9): {}}), Order(days=[ago(9)]))

    (failing,) = failing_days()
    assert failing.report() == (
        "2026-11-10 is not counted. The source broke in the middle. Tried on 2 days"
        " since 2026-11-18, next on 2026-11-22. See the error in the admin's ingest"
        " runs, and check INGEST_SOURCE and what it needs."
    )


@pytest.mark.parametrize(
    ("downloads", "reason"), [({}, "empty"), ({"django": 900}, "implausible")]
)
def test_failing_day_has_a_reason_that_may_be_public(
    downloads: dict[str, int], reason: str
) -> None:
    count_weekdays(10_000)
    days = {YESTERDAY: downloads} if downloads else {}

    runner.ingest(ListSource(days), Order(days=[YESTERDAY]))

    assert [failing.reason for failing in failing_days()] == [reason]


def test_day_that_was_counted_after_all_does_not_fail_any_more() -> None:
    runner.ingest(BrokenSource({}), Order(days=[YESTERDAY]))

    ingest(5)

    assert failing_days() == []


def test_run_that_died_is_a_failure() -> None:
    IngestRun.begin(ago(2), "files")

    ingest(5)

    failing = failing_days()[0]
    assert (failing.day, failing.reason) == (ago(2), "cut-off")


def test_hole_that_was_cut_off_is_tried_again_on_the_same_day() -> None:
    for age in (0, 1, 2, 4):
        count_day(ago(age), {"django": {PIP_311: 5}})
    for _ in range(MOST_TRIES):
        assert ago(3) in days_to_count("files")
        IngestRun.begin(ago(3), "files")
        IngestRun.abandon_running()

    assert ago(3) not in days_to_count("files")


def test_failing_day_is_logged_with_what_to_do(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING, "ingest.daily"):
        daily(monkeypatch, ListSource({}))

    warning = next(r for r in caplog.records if r.levelname == "WARNING")
    assert "manage.py ingest --date 2026-11-19 counts it at once" in warning.message


def test_incident_accounts_for_a_day_that_is_lost(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    Incident.objects.create(
        title="Log lost", first_day=ago(1), last_day=ago(1), whose="this-service"
    )
    count_day(ago(2), {"django": {PIP_311: 1}})
    CountedDay.objects.create(day=ago(1), status=Status.MISSING)

    outcome = daily(monkeypatch, BrokenSource({}))

    assert [failing.day for failing in failing_days()] == [YESTERDAY, ago(1)]
    assert [failing.day for failing in unexplained_days("files")] == [YESTERDAY]
    assert list(outcome.failed) == [YESTERDAY]


@pytest.mark.parametrize(
    ("first", "error", "unexplained"),
    [
        (13, DayNotCoveredError(YESTERDAY), []),
        (14, DayNotCoveredError(YESTERDAY), [YESTERDAY]),
        (0, SourceError("It cannot be read."), [YESTERDAY]),
    ],
)
def test_incident_without_an_end_hides_no_broken_source(
    first: int, error: Exception, unexplained: list[date]
) -> None:
    Incident.objects.create(title="Loss", first_day=ago(first), whose="this-service")
    count_day(ago(1), {"django": {PIP_311: 1}})
    IngestRun.begin(YESTERDAY, "files").fail(error)

    assert [failing.day for failing in unexplained_days("files")] == unexplained


def test_source_that_lags_is_asked_for_what_it_should_have(
    monkeypatch: pytest.MonkeyPatch, settings: Settings
) -> None:
    settings.INGEST_SOURCE, settings.INGEST_LAG_DAYS = "files", 2
    settings.INGEST_TRAILING_DAYS = 1
    count_day(ago(3), {"django": {PIP_311: 1}})
    source = ListSource({ago(2): {"django": 1}})

    late = data_health().overdue
    outcome = daily(monkeypatch, source)

    assert late == ago(2)
    assert (asked(source), outcome.failed) == ([ago(2)], {})
    assert data_health().state == "ok"
    assert [row.day for row in coverage.ledger(snapshot.current())][-1] == ago(2)


def test_last_days_of_a_source_that_lags_are_tried_every_day(
    settings: Settings,
) -> None:
    settings.INGEST_LAG_DAYS, settings.INGEST_TRAILING_DAYS = 2, 3
    for offset in (-1, 0):
        with at(TODAY + timedelta(days=offset)):
            runner.ingest(BrokenSource({}), Order(days=[ago(4), ago(3)]))

    waits = {failing.day: failing.next_try for failing in failing_days()}

    assert waits == {
        ago(3): TODAY + timedelta(days=1),
        ago(4): TODAY + timedelta(days=2),
    }


def test_yesterday_that_stays_partial_is_a_failure(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with at(YESTERDAY):
        ingest(5)

    outcome = daily(monkeypatch, BrokenSource({}))

    assert list(outcome.failed) == [YESTERDAY]
    assert ledger() == {YESTERDAY: "partial"}


@pytest.mark.parametrize(
    ("downloads", "checks"),
    [
        (10_000, ["not-small", "not-large"]),
        (16_999, ["not-small", "not-large"]),
        (20_000, ["not-small", "large"]),
        (1000, ["not-small", "not-large"]),
    ],
)
def test_counted_day_has_the_checks_that_it_passed(
    downloads: int, checks: list[str]
) -> None:
    count_weekdays(10_000)

    ingest(downloads)

    counted = CountedDay.objects.get(day=YESTERDAY)
    assert (counted.status, counted.checks) == (Status.COMPLETE, checks)


def test_checks_of_a_new_ledger_and_of_a_day_counted_again() -> None:
    ingest(10)
    assert CountedDay.objects.get().checks == ["nothing-usual"]

    ingest(11)

    assert CountedDay.objects.get().checks == ["not-less-than-before", "nothing-usual"]


def test_forced_day_says_so() -> None:
    count_weekdays(10_000)

    ingest(5, force=True)

    assert CountedDay.objects.get(day=YESTERDAY).checks == ["forced"]


def test_large_day_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    count_weekdays(10_000)

    with caplog.at_level(logging.WARNING, "ingest.plausibility"):
        ingest(20_000)

    assert "2026-11-19 has 20000 downloads where 10000 are usual" in caplog.text


def test_hole_is_measured_by_the_weeks_after_it_too() -> None:
    count_weekdays(10_000, before=YESTERDAY + timedelta(weeks=1), weeks=3)

    outcome = ingest(900, day=ago(28))

    assert "where 10000 are usual" in outcome.failed[ago(28)]


def test_day_before_the_change_of_definition_is_not_large_beside_later_ones() -> None:
    count_weekdays(10_000, before=YESTERDAY, weeks=12)

    ingest(20_000, day=date(2026, 8, 20))

    assert CountedDay.objects.get(day=date(2026, 8, 20)).checks == ["not-small"]


def test_days_of_an_incident_are_no_measure() -> None:
    count_weekdays(10_000)
    Incident.objects.create(title="Loss", first_day=ago(60), last_day=ago(1))

    outcome = ingest(900)

    assert outcome.failed == {}


@pytest.mark.parametrize(
    ("source", "whose", "status"),
    [
        ("files", "public-data", "incident"),
        ("bigquery", "public-data", "incident"),
        ("clickhouse", "public-data", "incident"),
        ("access_log", "public-data", "complete"),
        ("access_log", "this-service", "incident"),
        ("files", "other-site", "complete"),
        ("sample", "public-data", "complete"),
        ("sample", "this-service", "complete"),
    ],
)
def test_incident_marks_the_days_of_the_sources_it_concerns(
    source: str, whose: str, status: str
) -> None:
    Incident.objects.create(title="Loss", first_day=YESTERDAY, whose=whose)

    count_day(YESTERDAY, {"django": {PIP_311: 5}}, source=source)

    assert ledger() == {YESTERDAY: status}


def test_incident_that_is_edited_marks_the_days_counted_before() -> None:
    for age in range(3):
        count_day(ago(age), {"django": {PIP_311: 5}})
    generation = Generation.current().number

    incident = Incident.objects.create(title="Loss", first_day=ago(2), last_day=ago(1))
    assert list(ledger().values()).count("incident") == 2
    assert Generation.current().number > generation

    incident.last_day = ago(2)
    incident.save()
    assert ledger() == {ago(2): "incident", ago(1): "complete", ago(0): "complete"}

    incident.delete()
    assert set(ledger().values()) == {"complete"}


def test_windows_go_on_through_an_incident_and_may_end_in_one() -> None:
    Incident.objects.create(title="Loss", first_day=ago(1))
    for age in range(3):
        count_day(ago(age), {"django": {PIP_311: 5}})

    window = snapshot.current().window

    assert window is not None
    assert (window.last, window.complete) == (YESTERDAY, True)
    assert stats.history("django").recent().last_week == 15
    assert days_to_count("files") == [ago(0), ago(1), ago(2)]


def test_missing_day_stays_missing_within_an_incident() -> None:
    CountedDay.objects.create(day=ago(1), status=Status.MISSING)

    Incident.objects.create(title="Loss", first_day=ago(3))

    assert ledger() == {ago(1): "missing"}


def test_running_day_that_grows_is_not_revised() -> None:
    with at(YESTERDAY):
        ingest(5)
        ingest(6)
    ingest(7)

    counted = CountedDay.objects.get()
    assert (counted.status, counted.revisions) == ("complete", [])


def test_revision_has_what_was_before_and_after() -> None:
    ingest(5)
    ingest(7)
    ingest(7)

    assert CountedDay.objects.get().revisions == [
        {
            "at": "2026-11-20T04:00:00+00:00",
            "source": "files",
            "downloads": [5, 7],
            "packages": [1, 1],
            "checks": [
                ["nothing-usual"],
                ["not-less-than-before", "nothing-usual"],
            ],
        }
    ]


def test_other_numbers_of_the_same_totals_are_a_revision() -> None:
    count_day(YESTERDAY, {"a": {PIP_311: 900}, "b": {PIP_311: 100}})
    count_day(YESTERDAY, {"a": {PIP_311: 100}, "b": {PIP_311: 900}})

    (revision,) = CountedDay.objects.get().revisions
    assert (revision["downloads"], revision["packages"]) == ([1000, 1000], [2, 2])


def test_same_numbers_are_no_revision_when_the_mirror_list_has_changed() -> None:
    count_day(YESTERDAY, {"a": {PIP_311: 900, UV_CI: 1}})
    MirrorEntry.objects.create(
        mirror_list=MirrorList.objects.get(is_default=True), installer="uv"
    )

    count_day(YESTERDAY, {"a": {PIP_311: 900, UV_CI: 1}})

    assert CountedDay.objects.get().revisions == []


def test_days_read_again_cannot_dwindle_by_half_each_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for downloads in (1_000_000, 600_000, 400_000, 250_000):
        daily(monkeypatch, ListSource({YESTERDAY: {"django": downloads}}))

    assert CountedDay.objects.get(day=YESTERDAY).downloads == 600_000


def test_day_counted_again_is_measured_by_its_weekday_too() -> None:
    count_weekdays(1_000_000)
    ingest(5, force=True)
    ingest(120_000)

    outcome = ingest(99_999)

    assert "where 1000000 are usual" in outcome.failed[YESTERDAY]


def test_day_that_somebody_vouched_for_is_the_new_measure(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ingest(1_000_000)
    ingest(1200, force=True)
    daily(monkeypatch, ListSource({YESTERDAY: {"django": 1201}}))
    daily(monkeypatch, ListSource({YESTERDAY: {"django": 700}}))

    counted = CountedDay.objects.get(day=YESTERDAY)
    kept = ["not-less-than-before", "nothing-usual"]
    assert (counted.downloads, counted.checks) == (700, kept)
    changes = [revision["checks"] for revision in counted.revisions]
    assert changes == [[["nothing-usual"], ["forced"]], [["forced"], kept], [kept] * 2]


def test_small_day_that_shrinks_by_wish_says_so() -> None:
    ingest(900)
    ingest(3)

    assert CountedDay.objects.get().checks == ["less-than-before", "nothing-usual"]


@pytest.mark.parametrize(
    ("source", "only_artifacts", "definition"),
    [
        ("files", True, "all-files"),
        ("access_log", False, "artifacts"),
        ("bigquery", False, "all-files"),
        ("bigquery", True, "artifacts"),
    ],
)
def test_definition_is_that_of_the_source(
    settings: Settings, source: str, only_artifacts: bool, definition: str
) -> None:
    settings.BIGQUERY_ARTIFACTS_ONLY = only_artifacts
    listed = ListSource({date(2026, 8, 23): {"django": 5}})
    listed.name = source

    runner.ingest(listed, Order())

    assert CountedDay.objects.get().definition == definition
