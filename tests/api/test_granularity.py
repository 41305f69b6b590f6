"""Series by week and month."""

from datetime import date, timedelta

import pytest
from django.test import Client

from packages.models import CountedDay
from tests.factories import MIRROR, PIP_311, UV_CI, count_day

pytestmark = pytest.mark.django_db
MONDAY = date(2026, 11, 9)
SUNDAY = MONDAY - timedelta(days=1)


def count(day: date) -> CountedDay:
    return count_day(day, {"django": {PIP_311: 10, UV_CI: 3, MIRROR: 5}})


@pytest.fixture(autouse=True)
def _nine_days() -> None:
    """A Sunday, the whole week after it, and a Monday."""
    for age in range(9):
        count(SUNDAY + timedelta(days=age))


def rows(client: Client, path: str) -> list[tuple[str, str, int]]:
    response = client.get(f"/api/packages/django/{path}")
    assert response.status_code == 200
    data = response.json()["data"]
    return [(row["category"], row["date"], row["downloads"]) for row in data]


def test_week_is_named_by_its_monday_and_partial_ends_are_left_out(
    client: Client,
) -> None:
    assert rows(client, "overall?granularity=week") == [
        ("with_mirrors", "2026-11-09", 126),
        ("without_mirrors", "2026-11-09", 91),
    ]


def test_partial_ends_are_there_when_asked_for(client: Client) -> None:
    assert rows(client, "system?granularity=week&partial=true") == [
        ("Linux", "2026-11-02", 13),
        ("Linux", "2026-11-09", 91),
        ("Linux", "2026-11-16", 13),
    ]
    assert rows(client, "system?granularity=MONTH&partial=True") == [
        ("Linux", "2026-11-01", 117)
    ]


def test_month_that_is_not_whole_is_left_out(client: Client) -> None:
    assert rows(client, "overall?granularity=month") == []


def test_day_is_the_default(client: Client) -> None:
    days = client.get("/api/packages/django/system?granularity=day").content

    assert days == client.get("/api/packages/django/system").content


def test_week_cut_by_the_days_asked_for_is_partial(client: Client) -> None:
    assert rows(client, "system?granularity=week&start_date=2026-11-10") == []
    assert rows(
        client, "system?granularity=week&start_date=2026-11-10&partial=true"
    ) == [("Linux", "2026-11-09", 78), ("Linux", "2026-11-16", 13)]


@pytest.mark.parametrize("status", ["missing", "partial"])
def test_week_with_a_day_that_is_not_counted_is_partial(
    client: Client, status: str
) -> None:
    CountedDay.objects.filter(day="2026-11-11").update(status=status)

    assert rows(client, "system?granularity=week") == []


def test_week_with_a_day_without_downloads_is_whole(client: Client) -> None:
    count_day(date(2026, 11, 11), {"flask": {PIP_311: 1}})

    assert rows(client, "system?granularity=week") == [("Linux", "2026-11-09", 78)]
