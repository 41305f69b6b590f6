"""The ledger as JSON."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from pytest_django import DjangoAssertNumQueries, Settings

from ingest import runner
from ingest.runner import Order
from packages import tracking
from packages.models import CountedDay, Incident
from tests.factories import PIP_311, count_day
from tests.fakes import BrokenSource, ListSource

pytestmark = pytest.mark.django_db
LAST = date(2026, 8, 24)
FIRST = LAST - timedelta(days=2)


@pytest.fixture(autouse=True)
def _now() -> Iterator[None]:
    with time_machine.travel(datetime(2026, 8, 25, 4, tzinfo=UTC), tick=False):
        yield


def ingest(day: date, downloads: int) -> None:
    source = ListSource({day: {"django": downloads}})
    source.name = "files"
    runner.ingest(source, Order(days=[day]))


def get(client: Client, query: str = "", status: int = 200) -> Any:
    response = client.get(f"/api/coverage{query}")
    assert response.status_code == status
    assert response["Content-Type"] == "application/json"
    return response.json()


def days(client: Client, query: str = "") -> dict[str, str]:
    return {day["day"]: day["status"] for day in get(client, query)["days"]}


def test_new_service_has_nothing_to_cover(client: Client) -> None:
    Incident.objects.all().delete()

    answer = get(client)

    assert answer == {
        "data_through": None,
        "window": None,
        "windows": {},
        "definitions": answer["definitions"],
        "incidents": [],
        "days": [],
    }


def test_counted_day_is_told_whole(client: Client) -> None:
    ingest(LAST, 5)
    ingest(LAST, 6)

    answer = get(client)

    assert answer["data_through"] == "2026-08-24"
    assert answer["window"] == {"first": "2026-02-26", "last": "2026-08-24"}
    assert answer["days"][-1] == {
        "day": "2026-08-24",
        "status": "complete",
        "source": "files",
        "definition": "artifacts",
        "downloads": 6,
        "packages": 1,
        "all_packages": True,
        "first_counted_at": "2026-08-25T04:00:00+00:00",
        "counted_at": "2026-08-25T04:00:00+00:00",
        "checks": ["not-less-than-before", "nothing-usual"],
        "revisions": [
            {
                "at": "2026-08-25T04:00:00+00:00",
                "source": "files",
                "before": {
                    "downloads": 5,
                    "packages": 1,
                    "checks": ["nothing-usual"],
                },
                "after": {
                    "downloads": 6,
                    "packages": 1,
                    "checks": ["not-less-than-before", "nothing-usual"],
                },
            }
        ],
    }


def test_day_of_tracked_packages_alone_says_so(
    client: Client, settings: Settings
) -> None:
    settings.INGEST_PACKAGES = "tracked"
    tracking.track(["django"])

    ingest(LAST, 5)

    day = get(client)["days"][-1]
    assert (day["packages"], day["all_packages"]) == (1, False)


def test_body_is_compact_sorted_and_ends_with_a_line(client: Client) -> None:
    content = client.get("/api/coverage").content

    assert content.startswith(
        b'{"data_through":null,"days":[],"definitions":[{"counts"'
    )
    assert content.endswith(b"}\n")


def test_kept_day_without_a_row_is_missing_and_no_zero(client: Client) -> None:
    ingest(LAST, 5)

    answer = get(client)

    assert len(answer["days"]) == 180
    assert answer["days"][0] == {
        "day": "2026-02-26",
        "status": "missing",
        "source": None,
        "definition": None,
        "downloads": None,
        "packages": None,
        "all_packages": None,
        "first_counted_at": None,
        "counted_at": None,
        "checks": [],
        "revisions": [],
    }


def test_day_without_downloads_is_complete_with_zero(client: Client) -> None:
    source = ListSource({LAST: {}})
    runner.ingest(source, Order(days=[LAST]))

    day = get(client)["days"][-1]

    assert (day["status"], day["downloads"], day["packages"]) == ("complete", 0, 0)


def test_days_after_the_last_counted_one_are_missing_until_yesterday(
    client: Client,
) -> None:
    ingest(LAST, 5)
    failed = LAST + timedelta(days=1)

    with time_machine.travel(datetime(2026, 8, 27, 4, tzinfo=UTC), tick=False):
        runner.ingest(BrokenSource({failed: {}}), Order(days=[failed]))
        answer = get(client, "?start_date=2026-08-24")

    assert answer["data_through"] == "2026-08-24"
    assert [(day["day"], day["status"]) for day in answer["days"]] == [
        ("2026-08-24", "complete"),
        ("2026-08-25", "missing"),
        ("2026-08-26", "missing"),
    ]


def test_windows_say_what_they_lack(client: Client) -> None:
    for age in range(30):
        if age != 1:
            count_day(LAST - timedelta(days=age), {"django": {PIP_311: 1}})

    missing = ["2026-08-23"]
    assert get(client)["windows"] == {
        "last_day": {"days": 1, "counted": 1, "incidents": 0, "missing": []},
        "last_week": {"days": 7, "counted": 6, "incidents": 0, "missing": missing},
        "last_month": {"days": 30, "counted": 29, "incidents": 0, "missing": missing},
    }


def test_definitions_have_their_days(client: Client) -> None:
    before, after = get(client)["definitions"]

    assert (before["name"], before["first"], before["last"]) == (
        "all-files",
        None,
        "2026-08-23",
    )
    assert (after["name"], after["first"], after["last"]) == (
        "artifacts",
        "2026-08-24",
        None,
    )


def test_incidents_are_told_with_their_evidence(client: Client) -> None:
    Incident.objects.all().delete()
    Incident.objects.create(
        title="Loss",
        first_day=FIRST,
        effect="Too low.",
        evidence="https://status.example/1",
    )
    ingest(FIRST, 5)

    answer = get(client)

    assert answer["incidents"] == [
        {
            "title": "Loss",
            "first": "2026-08-22",
            "last": None,
            "effect": "Too low.",
            "evidence": "https://status.example/1",
            "whose": "public-data",
        }
    ]
    told = [day["status"] for day in answer["days"][-3:]]
    assert told == ["incident", "missing", "missing"]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("start_date=2026-08-23", ["2026-08-23", "2026-08-24"]),
        ("start_date=2026-08-22&end_date=2026-08-22", ["2026-08-22"]),
        ("start_date=2026-08-24&end_date=2026-08-24&status=missing", []),
        ("start_date=2026-08-22&status=COMPLETE", ["2026-08-22", "2026-08-24"]),
        ("start_date=2026-08-22&status=missing", ["2026-08-23"]),
        ("start_date=2030-01-01", []),
        ("end_date=2020-01-01", []),
        ("status=incident", []),
        ("status=partial", []),
    ],
)
def test_days_are_chosen(client: Client, query: str, expected: list[str]) -> None:
    ingest(FIRST, 5)
    ingest(LAST, 5)

    assert list(days(client, f"?{query}")) == expected


@pytest.mark.parametrize(
    ("query", "detail"),
    [
        ("start_date=2026-02-30", "start_date is '2026-02-30'; give one day as"),
        ("start_date=", "start_date is ''; give one day as YYYY-MM-DD."),
        ("end_date=20260822", "end_date is '20260822'; give one day"),
        ("end_date=2026-8-2", "end_date is '2026-8-2'; give one day"),
        ("end_date=2026-W34-1", "end_date is '2026-W34-1'; give one day"),
        ("start_date=٢٠٢٦-٠٨-٢٢", "start_date is '٢٠٢٦-٠٨-٢٢'; give one day"),
        ("start_date=0000-01-01", "start_date is '0000-01-01'; give one day"),
        ("start_date=2026-08-22%0A", "start_date is '2026-08-22\\n'; give one day"),
        ("start_date=2026-08-22%01", "start_date is '2026-08-22\\x01'; give one day"),
        (f"start_date={'9' * 5000}", f"start_date is '{'9' * 40}...'; give one day"),
        (
            "start_date=2026-08-22&start_date=2026-08-22",
            "start_date is '2026-08-22, 2026-08-22'; give one day",
        ),
        (
            "start_date=2026-08-23&end_date=2026-08-22",
            "start_date 2026-08-23 lies after end_date 2026-08-22.",
        ),
        (
            "status=lost",
            "status is 'lost'; allowed are: complete, partial, missing, incident.",
        ),
        ("status=missing&status=partial", "status is 'missing, partial'; allowed"),
    ],
)
def test_hostile_filter_is_refused(client: Client, query: str, detail: str) -> None:
    error = get(client, f"?{query}", status=400)["error"]

    assert error["status"] == 400
    assert error["detail"].startswith(detail)


def test_trimmed_days_are_not_kept(client: Client, settings: Settings) -> None:
    settings.RETENTION_DAYS = 30
    ingest(LAST, 5)
    old = LAST - timedelta(days=60)
    CountedDay.objects.create(
        day=old, status="complete", trimmed_at=datetime(2026, 8, 25, tzinfo=UTC)
    )

    assert next(iter(days(client))) == "2026-07-26"


@pytest.mark.usefixtures("_nothing_kept")
@pytest.mark.parametrize("counted", [1, 3])
def test_queries_do_not_grow_with_the_days(
    client: Client, django_assert_num_queries: DjangoAssertNumQueries, counted: int
) -> None:
    for age in range(counted):
        ingest(LAST - timedelta(days=age), 5)

    with django_assert_num_queries(4):
        get(client)


def test_ledger_is_only_read(client: Client) -> None:
    assert client.post("/api/coverage").status_code == 405
