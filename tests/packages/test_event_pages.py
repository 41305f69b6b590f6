"""Events where people see them: the package page and the admin."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from packages.events.shown import latest_events
from packages.models import Event, Package
from tests.factories import PIP_311, count_day

pytestmark = pytest.mark.django_db
DAY = date(2026, 11, 18)
AT = datetime(2026, 11, 19, 3, tzinfo=UTC)


def tell(number: int, package: str = "django", *, days: int = 0) -> Event:
    """Tell that the package passed ``number`` in all."""
    return Event.objects.create(
        package=Package.objects.get(normalized_name=package) if package else None,
        kind=Event.Kind.TOTAL,
        key=f"total:{number}",
        day=DAY + timedelta(days=days),
        facts={"passed": number, "downloads": number + 7, "since": "2026-05-01"},
        published_at=AT,
        updated_at=AT,
    )


@pytest.fixture
def counted() -> None:
    count_day(DAY, {"django": {PIP_311: 5}, "other": {PIP_311: 5}})


@pytest.mark.usefixtures("counted")
def test_package_page_tells_its_own_events(client: Client) -> None:
    tell(10_000)
    tell(20_000, "other")
    tell(50_000, "")

    page = client.get("/packages/django").content.decode()

    assert '<time datetime="2026-11-18">18 November 2026</time>' in page
    assert "<h3>10,000 downloads in all</h3>" in page
    assert "<p>10,007 downloads from 1 May 2026, when counting began here" in page
    assert "20,000 downloads in all" not in page
    assert "50,000 downloads in all" not in page


@pytest.mark.usefixtures("counted")
def test_page_of_all_packages_tells_theirs(client: Client) -> None:
    tell(10_000)
    tell(50_000, "")

    page = client.get("/packages/__all__").content.decode()

    assert "<h3>50,000 downloads in all</h3>" in page
    assert "10,000 downloads in all" not in page


@pytest.mark.usefixtures("counted")
def test_page_without_events_has_no_such_part(client: Client) -> None:
    assert 'id="events"' not in client.get("/packages/django").content.decode()


@pytest.mark.usefixtures("counted")
def test_latest_events_are_ten_newest_first_and_none_withdrawn() -> None:
    for number in range(12):
        tell(number, days=number)
    Event.objects.filter(key="total:10").update(withdrawn_at=AT)

    shown = [one.event.facts["passed"] for one in latest_events("django")]

    assert shown == [11, 9, 8, 7, 6, 5, 4, 3, 2, 1]


@pytest.mark.usefixtures("counted")
@pytest.mark.parametrize("events", [1, 3])
def test_latest_events_are_one_query(
    events: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(events):
        tell(number)

    with django_assert_num_queries(1):
        assert len(latest_events("django")) == events


@pytest.mark.usefixtures("counted")
@pytest.mark.parametrize("events", [1, 3])
def test_admin_lists_events_and_needs_no_query_per_row(
    admin_client: Client,
    events: int,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    for number in range(events):
        tell(10_000 + number)

    with django_assert_num_queries(4):
        page = admin_client.get("/admin/packages/event/").content.decode()

    assert "django: 10,000 downloads in all" in page
    assert admin_client.get("/admin/packages/event/add/").status_code == 403
