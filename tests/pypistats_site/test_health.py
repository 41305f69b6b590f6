"""Health says what supervisors need to know."""

from datetime import UTC, date, datetime

import pytest
import time_machine
from django.db import OperationalError
from django.test import Client
from pytest_django import Settings

from ingest.exceptions import SourceError
from ingest.models import IngestRun
from ingest.tasks import beat
from packages import snapshot
from packages.models import Incident
from tests.factories import PIP_311, count_day

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


@pytest.mark.django_db
@time_machine.travel(NOON, tick=False)
def test_healthy(client: Client, settings: Settings) -> None:
    settings.INGEST_SOURCE = "files"
    count_day(date(2026, 11, 19), {"django": {PIP_311: 1}})
    beat()

    response = client.get("/healthz")

    answer = response.json()
    assert response.status_code == 200
    assert answer == {
        "status": "ok",
        "last_counted_day": "2026-11-19",
        "worker_seen_at": "2026-11-20T12:00:00Z",
    }


@pytest.mark.django_db
def test_new_service_is_healthy(client: Client) -> None:
    answer = client.get("/healthz").json()

    assert answer == {"status": "ok", "last_counted_day": None, "worker_seen_at": None}


@pytest.mark.django_db
def test_database_that_is_gone(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def gone() -> None:
        raise OperationalError("server closed the connection")

    monkeypatch.setattr(snapshot, "current", gone)

    response = client.get("/healthz")

    assert response.status_code == 503
    assert response.json() == {"status": "database unreachable"}


@pytest.mark.django_db
@time_machine.travel(NOON, tick=False)
def test_late_data_is_told_and_answered_with_200(
    client: Client, settings: Settings
) -> None:
    settings.INGEST_SOURCE = "files"
    count_day(date(2026, 11, 18), {"django": {PIP_311: 1}})

    response = client.get("/healthz")

    assert response.status_code == 200
    assert response.json() == {
        "status": "late",
        "last_counted_day": "2026-11-18",
        "worker_seen_at": None,
        "overdue_day": "2026-11-19",
        "failing_days": [],
        "what_to_do": (
            "2026-11-19 should have been counted by now: see whether the worker runs,"
            " and in the log what its last run said."
        ),
    }


@pytest.mark.django_db
@time_machine.travel(NOON, tick=False)
def test_failing_day_is_told_without_what_only_operators_may_know(
    client: Client, settings: Settings
) -> None:
    settings.INGEST_SOURCE = "files"
    count_day(date(2026, 11, 19), {"django": {PIP_311: 1}})
    error = SourceError("/srv/secret/log.gz cannot be read.")
    IngestRun.begin(date(2026, 11, 10), "files").fail(error)

    response = client.get("/healthz")

    assert response.status_code == 200
    assert response.json() == {
        "status": "failing",
        "last_counted_day": "2026-11-19",
        "worker_seen_at": None,
        "overdue_day": None,
        "failing_days": [
            {
                "day": "2026-11-10",
                "since": "2026-11-20T12:00:00Z",
                "tries": 1,
                "next_try": "2026-11-21",
                "reason": "The source could not be read.",
            }
        ],
        "what_to_do": (
            "See the error in the admin's ingest runs, and check INGEST_SOURCE and what"
            " it needs."
        ),
    }


@pytest.mark.django_db
@time_machine.travel(NOON, tick=False)
def test_incident_makes_a_lost_day_healthy(client: Client, settings: Settings) -> None:
    settings.INGEST_SOURCE = "access_log"
    count_day(date(2026, 11, 19), {"django": {PIP_311: 1}}, source="access_log")
    day = date(2026, 11, 10)
    IngestRun.begin(day, "access_log").fail(SourceError("Broken."))
    Incident.objects.create(
        title="Log lost", first_day=day, last_day=day, whose="this-service"
    )

    assert client.get("/healthz").json()["status"] == "ok"
