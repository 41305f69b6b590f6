"""A day is counted again from the ledger's page, by the queue."""

from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from django.test import Client
from django.utils import timezone
from django_q.models import OrmQ, Schedule
from pytest_django import Settings

from ingest import runner, tasks
from ingest.exceptions import AnotherIngestError, IngestError, SourceError
from ingest.models import IngestRun
from ingest.runner import Order
from packages import stats, store
from packages.models import CountedDay, Incident
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
    monkeypatch.setattr("ingest.daily.configured_source", lambda: source)

    first, second = tasks.catch_up(), tasks.catch_up()

    assert (first, second) == ("1 days counted", "nothing is overdue")


def test_daily_task_counts_yesterday(
    monkeypatch: pytest.MonkeyPatch, settings: Settings
) -> None:
    yesterday = store.today() - timedelta(days=1)
    source = ListSource({yesterday: {"django": 3}})
    monkeypatch.setattr("ingest.daily.configured_source", lambda: source)

    assert tasks.ingest_daily() == "1 days counted"
    assert stats.history("django").recent().last_day == 3


@time_machine.travel(datetime(2026, 11, 20, 12, tzinfo=UTC), tick=False)
def test_days_that_fail_are_told_above_the_ledger(
    admin_client: Client, settings: Settings
) -> None:
    settings.INGEST_SOURCE = "files"
    count_day(date(2026, 11, 19), {"django": {PIP_311: 10}})
    page = admin_client.get("/admin/packages/countedday/").content.decode()
    assert "messagelist" not in page
    run = IngestRun.begin(DAY, "files")
    run.fail(SourceError("/srv/<log> cannot be read."))

    page = admin_client.get("/admin/packages/countedday/").content.decode()

    assert (
        "2026-11-18 is not counted. /srv/&lt;log&gt; cannot be read. Tried on one day"
        " since 2026-11-20, next on 2026-11-21. See the error in the admin"
    ) in page


@time_machine.travel(datetime(2026, 11, 20, 12, tzinfo=UTC), tick=False)
def test_late_day_is_told_above_the_ledger(
    admin_client: Client, settings: Settings
) -> None:
    settings.INGEST_SOURCE = "files"
    count_day(DAY, {"django": {PIP_311: 10}})

    page = admin_client.get("/admin/packages/countedday/").content.decode()

    assert "2026-11-19 should have been counted by now" in page


def test_day_shows_what_it_was_checked_for(admin_client: Client) -> None:
    runner.ingest(ListSource({DAY: {"django": 5}}), Order(days=[DAY]))
    counted = CountedDay.objects.get()

    page = admin_client.get(f"/admin/packages/countedday/{counted.pk}/change/").content

    assert b"no usual number to compare with yet" in page


def test_incident_made_in_the_admin_marks_its_days(admin_client: Client) -> None:
    count_day(DAY, {"django": {PIP_311: 10}})
    form = {
        "title": "Loss",
        "first_day": "2026-11-18",
        "last_day": "2026-11-18",
        "effect": "",
        "evidence": "status.example/1",
        "whose": "public-data",
    }

    admin_client.post("/admin/packages/incident/add/", form)

    incident = Incident.objects.get(title="Loss")
    assert incident.evidence == "https://status.example/1"
    assert CountedDay.objects.get().status == "incident"


def test_incident_that_no_feed_could_tell_is_refused(admin_client: Client) -> None:
    form = {
        "title": "Loss",
        "first_day": "2026-11-18",
        "effect": "line one\x0bline two",
        "whose": "public-data",
    }

    page = admin_client.post("/admin/packages/incident/add/", form).content

    assert b"It has a control character: remove it." in page
    assert not Incident.objects.filter(title="Loss").exists()


def test_incident_that_ends_before_it_begins_is_refused(admin_client: Client) -> None:
    form = {
        "title": "Loss",
        "first_day": "2026-11-18",
        "last_day": "2026-11-17",
        "whose": "public-data",
    }

    page = admin_client.post("/admin/packages/incident/add/", form).content

    assert b"The last day is before the first." in page
