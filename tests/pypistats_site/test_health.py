"""Health says what supervisors need to know."""

from datetime import date

import pytest
from django.db import OperationalError
from django.test import Client

from ingest.tasks import beat
from packages import snapshot
from tests.factories import PIP_311, count_day


@pytest.mark.django_db
def test_healthy(client: Client) -> None:
    count_day(date(2026, 11, 18), {"django": {PIP_311: 1}})
    beat()

    response = client.get("/healthz")

    answer = response.json()
    assert response.status_code == 200
    assert (answer["status"], answer["last_counted_day"]) == ("ok", "2026-11-18")
    assert answer["worker_seen_at"]


@pytest.mark.django_db
def test_new_service_is_healthy(client: Client) -> None:
    answer = client.get("/healthz").json()

    assert answer == {"status": "ok", "last_counted_day": None, "worker_seen_at": None}


def test_database_that_is_gone(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def gone() -> None:
        raise OperationalError("server closed the connection")

    monkeypatch.setattr(snapshot, "current", gone)

    response = client.get("/healthz")

    assert response.status_code == 503
    assert response.json() == {"status": "database unreachable"}
