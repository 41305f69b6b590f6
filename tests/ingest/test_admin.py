"""A day is counted again from the ledger's page, by the queue."""

from datetime import date, timedelta

import pytest
from django.test import Client
from django_q.models import OrmQ
from pytest_django import Settings

from ingest import tasks
from ingest.exceptions import IngestError
from ingest.models import IngestRun
from packages import stats, store
from packages.models import CountedDay
from tests.factories import PIP_311, count_day
from tests.fakes import ListSource

pytestmark = pytest.mark.django_db
DAY = date(2026, 11, 18)


def test_action_queues_the_day(admin_client: Client) -> None:
    count_day(DAY, {"django": {PIP_311: 10}})

    response = admin_client.post(
        "/admin/packages/countedday/",
        {
            "action": "count_again",
            "_selected_action": [CountedDay.objects.get().pk],
        },
        follow=True,
    )

    assert b"1 days will be counted again" in response.content
    queued = OrmQ.objects.get().task
    assert (queued["func"], queued["args"]) == (
        "ingest.tasks.count_again",
        ("2026-11-18",),
    )


def test_queued_task_counts_the_day_again(monkeypatch: pytest.MonkeyPatch) -> None:
    count_day(DAY, {"django": {PIP_311: 10}})
    source = ListSource({DAY: {"django": 12}})
    monkeypatch.setattr(tasks, "configured_source", lambda: source)

    tasks.count_again("2026-11-18")

    assert stats.history("django").recent().last_day == 12


def test_failed_task_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tasks, "configured_source", lambda: ListSource({}))

    with pytest.raises(IngestError, match="holds nothing of 2026-11-18"):
        tasks.count_again("2026-11-18")


def test_run_shows_its_error(admin_client: Client) -> None:
    run = IngestRun.begin(DAY, "files")
    run.fail(ValueError("the disk is full"))

    page = admin_client.get("/admin/ingest/ingestrun/").content

    assert b"the disk is full" in page


def test_daily_task_counts_yesterday(
    monkeypatch: pytest.MonkeyPatch, settings: Settings
) -> None:
    yesterday = store.today() - timedelta(days=1)
    source = ListSource({yesterday: {"django": 3}})
    monkeypatch.setattr("ingest.runner.configured_source", lambda: source)

    assert tasks.ingest_daily() == "1 days counted"
    assert stats.history("django").recent().last_day == 3
