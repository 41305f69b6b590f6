"""What admins can do with packages, records and mirror lists."""

from datetime import date

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from packages.models import CountedDay, DownloadRecord, Package
from tests.factories import MIRROR, PIP_311, count_day
from tests.packages.admin_forms import staff_who_may

pytestmark = pytest.mark.django_db
DAY = date(2026, 11, 18)

LIST_PAGES = [
    "packages/package",
    "packages/client",
    "packages/downloadrecord",
    "packages/event",
    "packages/mirrorlist",
    "packages/mirrorchange",
    "packages/apitoken",
    "packages/watchlist",
    "packages/countedday",
    "ingest/ingestrun",
]


@pytest.mark.parametrize("page", LIST_PAGES)
def test_list_pages_open(admin_client: Client, page: str) -> None:
    count_day(DAY, {"django": {PIP_311: 1}})

    assert admin_client.get(f"/admin/{page}/").status_code == 200


@pytest.mark.parametrize("packages", [1, 3])
def test_record_list_needs_no_query_per_row(
    admin_client: Client,
    packages: int,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    count_day(DAY, {f"p{number}": {PIP_311: 1} for number in range(packages)})

    with django_assert_num_queries(4):
        admin_client.get("/admin/packages/downloadrecord/")


def test_record_shows_its_days_and_cannot_be_changed(admin_client: Client) -> None:
    count_day(DAY, {"django": {PIP_311: 1234, MIRROR: 5}})
    record = DownloadRecord.objects.get()
    address = f"/admin/packages/downloadrecord/{record.pk}/change/"

    page = admin_client.get(address).content.decode()
    posted = admin_client.post(address, {"downloads": 1})

    assert "<td>2026-11-18</td><td>1,239</td>" in page
    assert "pip / 3.11 / Linux: 1,234; bandersnatch: 5" in page
    assert posted.status_code == 403
    record.refresh_from_db()
    assert record.downloads == 1239


def test_packages_are_searched_and_tracked(admin_client: Client) -> None:
    package = Package.objects.create(normalized_name="django")
    Package.objects.create(normalized_name="flask")

    found = admin_client.get("/admin/packages/package/?q=dja").content.decode()
    admin_client.post(
        "/admin/packages/package/",
        {"action": "track", "_selected_action": [package.pk]},
    )

    assert "django" in found
    assert "flask" not in found
    assert list(Package.objects.tracked()) == [package]


def test_added_package_gets_its_normalized_name(admin_client: Client) -> None:
    admin_client.post("/admin/packages/package/add/", {"normalized_name": "Zope.Event"})
    refused = admin_client.post(
        "/admin/packages/package/add/", {"normalized_name": "no such name"}
    )

    assert Package.objects.get().normalized_name == "zope-event"
    assert b"No package can have this name." in refused.content


def test_ledger_shows_revisions(admin_client: Client) -> None:
    count_day(DAY, {"django": {PIP_311: 10}})
    count_day(DAY, {"django": {PIP_311: 11}})
    counted = CountedDay.objects.get()

    page = admin_client.get(f"/admin/packages/countedday/{counted.pk}/change/")

    assert b"[10, 11]" in page.content


def test_who_may_only_look_changes_nothing() -> None:
    client = staff_who_may("view_package")
    package = Package.objects.create(normalized_name="django")

    client.post(
        "/admin/packages/package/", {"action": "track", "_selected_action": package.pk}
    )

    assert not Package.objects.tracked().exists()
