"""The daily task that could not run, or died, is made up for, once."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from django_q.models import Schedule
from pytest_django import Settings

from ingest import daily, tasks
from ingest.exceptions import AnotherIngestError, IngestError
from ingest.lock import only_ingest
from ingest.runner import Order, ingest
from packages.models import CountedDay
from tests.factories import PIP_311, count_day
from tests.fakes import ListSource

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 20)
YESTERDAY = TODAY - timedelta(days=1)


@pytest.fixture(autouse=True)
def _now(settings: Settings) -> Iterator[None]:
    settings.INGEST_SOURCE, settings.INGEST_TIME_UTC = "files", "03:30"
    settings.INGEST_TRAILING_DAYS, settings.INGEST_HOLES_PER_RUN = 2, 3
    with time_machine.travel(datetime(2026, 11, 20, 4, tzinfo=UTC), tick=False):
        yield


def ago(days: int) -> date:
    return YESTERDAY - timedelta(days=days)


def use(monkeypatch: pytest.MonkeyPatch, source: ListSource) -> ListSource:
    monkeypatch.setattr(daily, "configured_source", lambda: source)
    return source


def planned() -> list[tuple[str, str]]:
    return list(Schedule.objects.values_list("func", "args"))


def test_daily_task_waits_for_another_ingest() -> None:
    with only_ingest():
        assert tasks.ingest_daily() == "put off by 0:05:00: another ingest runs"
        assert tasks.ingest_daily() == "is put off already: another ingest runs"
        assert planned() == [("ingest.tasks.make_up", "1")]

        tasks.make_up(1)

    assert planned() == [
        ("ingest.tasks.make_up", "1"),
        ("ingest.tasks.make_up", "2"),
    ]
    assert Schedule.objects.get(args="1").next_run == datetime(
        2026, 11, 20, 4, 5, tzinfo=UTC
    )


def test_daily_task_does_not_wait_for_ever() -> None:
    with only_ingest(), pytest.raises(AnotherIngestError):
        tasks.make_up(tasks.MOST_PUT_OFFS)

    assert planned() == []


def test_task_put_off_counts_what_the_other_ingest_has_not(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    count_day(ago(9), {"django": {PIP_311: 5}})
    source = use(monkeypatch, ListSource({ago(n): {"django": 5} for n in range(9)}))
    ingest(source, Order([YESTERDAY]))

    assert tasks.make_up(1) == "4 days counted"
    assert tasks.make_up(1) == "0 days counted"
    assert [days.first for days in source.asked] == [ago(n) for n in range(5)]


def test_each_start_of_a_worker_does_not_repeat_the_daily_task(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The source is a day late: yesterday stays overdue all day."""
    count_day(ago(60), {"django": {PIP_311: 5}})
    source = use(monkeypatch, ListSource({ago(n): {"django": 5} for n in range(1, 60)}))
    with pytest.raises(IngestError):
        tasks.ingest_daily()
    first = len(source.asked)

    for _ in range(4):
        tasks.catch_up()

    asked = [days.first for days in source.asked]
    assert (first, asked[first:]) == (5, [YESTERDAY] * 2)
    assert CountedDay.objects.complete().count() == 5
