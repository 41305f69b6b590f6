"""A day is counted again from the ledger's page, by the queue."""

from datetime import date, timedelta

import pytest
from django.test import Client
from django.utils import timezone
from django_q.models import OrmQ, Schedule
from pytest_django import Settings

from ingest import tasks
from ingest.exceptions import AnotherIngestError, IngestError
from ingest.models import IngestRun
from packages import stats, store
from packages.models import CountedDay
from tests.factories import PIP_311, count_day
from tests.fakes import ListSource

pytestmark = pytest.mark.django_db
DAY = date(2026, 11, 18)


def test_action_queues_the_days_as_one_task(admin_client: Client) -> None:
    for day in (DAY, DAY - timedelta(days=1)):
        count_day(day, {"django": {PIP_311: 10}})

    response = admin_client.post(
        "/admin/packages/countedday/",
        {
            "action": "count_again",
            "_selected_action": [c.pk for c in CountedDay.objects.all()],
        },
        follow=True,
    )

    assert b"2 days will be counted again" in response.content
    queued = OrmQ.objects.get().task
    assert (queued["func"], queued["args"]) == (
        "ingest.tasks.count_again",
        ("2026-11-17", "2026-11-18"),
    )


def test_queued_task_counts_the_day_again(monkeypatch: pytest.MonkeyPatch) -> None:
    count_day(DAY, {"django": {PIP_311: 10}})
    source = ListSource({DAY: {"django": 12}})
    monkeypatch.setattr(tasks, "configured_source", lambda: source)

    tasks.count_again("2026-11-18")

    assert stats.history("django").recent().last_day == 12


def test_task_is_put_off_while_another_ingest_runs(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refuse(*args: object) -> None:
        raise AnotherIngestError

    monkeypatch.setattr(tasks, "ingest", refuse)

    tasks.count_again("2026-11-17", "2026-11-18")

    schedule = Schedule.objects.get()
    assert schedule.func == "ingest.tasks.count_again"
    assert schedule.args == "'2026-11-17', '2026-11-18'"
    assert schedule.next_run is not None
    assert schedule.next_run > timezone.now()


def test_failed_task_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tasks, "configured_source", lambda: ListSource({}))

    with pytest.raises(IngestError, match="holds nothing of 2026-11-18"):
        tasks.count_again("2026-11-18")


def test_run_shows_its_error(admin_client: Client) -> None:
    run = IngestRun.begin(DAY, "files")
    run.fail(ValueError("the disk is full"))

    page = admin_client.get("/admin/ingest/ingestrun/").content

    assert b"the disk is full" in page


def test_worker_that_starts_makes_up_for_a_missed_day(
    monkeypatch: pytest.MonkeyPatch, settings: Settings
) -> None:
    settings.INGEST_SOURCE, settings.INGEST_TIME_UTC = "files", "00:00"
    yesterday = store.today() - timedelta(days=1)
    count_day(yesterday - timedelta(days=1), {"django": {PIP_311: 3}})
    source = ListSource({yesterday: {"django": 3}})
    monkeypatch.setattr("ingest.runner.configured_source", lambda: source)

    first, second = tasks.catch_up(), tasks.catch_up()

    assert (first, second) == ("1 days counted", "nothing is overdue")


def test_daily_task_counts_yesterday(
    monkeypatch: pytest.MonkeyPatch, settings: Settings
) -> None:
    yesterday = store.today() - timedelta(days=1)
    source = ListSource({yesterday: {"django": 3}})
    monkeypatch.setattr("ingest.runner.configured_source", lambda: source)

    assert tasks.ingest_daily() == "1 days counted"
    assert stats.history("django").recent().last_day == 3
