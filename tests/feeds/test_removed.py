"""Feeds of a package that was removed: gone, where others are unknown."""

from datetime import date, timedelta

import feedparser
import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from packages.models import Package, RemovedPackage
from packages.removal import remove
from tests.factories import PIP_311, count_day

pytestmark = pytest.mark.django_db
DAY = date(2026, 10, 18)
GONE = "The package django was removed here: this feed is gone for good."
FEED = "/feeds/packages/django.rss"


@pytest.fixture(autouse=True)
def _counted() -> None:
    count_day(DAY, {"django": {PIP_311: 1000}, "other": {PIP_311: 1}})


def remove_django() -> None:
    remove(Package.objects.filter(normalized_name="django"))


@pytest.mark.parametrize("form", ["rss", "atom", "json"])
@pytest.mark.parametrize("query", ["", "?every=day", "?events=only"])
def test_feed_of_a_removed_package_is_gone(
    client: Client, form: str, query: str
) -> None:
    address = f"/feeds/packages/django.{form}{query}"
    tag = client.get(address)["ETag"]  # and now it is kept

    remove_django()

    response = client.get(address, headers={"if-none-match": tag})
    assert (response.status_code, response.content.decode()) == (410, GONE)
    assert response["Content-Type"] == "text/plain; charset=utf-8"
    assert response["Cache-Control"] == "public, max-age=60"


def test_people_are_told_on_a_page(client: Client) -> None:
    remove_django()

    response = client.get("/feeds/packages/django")

    assert response.status_code == 410
    assert f"<h1>{GONE}</h1>" in response.content.decode()


def test_chart_of_a_removed_package_is_gone(client: Client) -> None:
    remove_django()

    assert client.get("/feeds/charts/django/2026-10-18.png").status_code == 410


def test_pypirss_says_so_in_its_own_words(client: Client) -> None:
    remove_django()

    response = client.get("/services/pypirss/rss/Django")

    assert response.status_code == 410
    (entry,) = feedparser.parse(response.content).entries
    assert entry.description == "ERROR: Package [Django] was removed"


def test_lists_leave_it_out(client: Client) -> None:
    remove_django()
    address = "/feeds/list.json?packages=django,other&every=day"

    feed = client.get(address).json()

    assert [item["id"] for item in feed["items"]] == [
        "pypistats-site:other:day:2026-10-18"
    ]
    outlines = client.get("/feeds/opml?packages=django,other").content
    assert b"/feeds/packages/django" not in outlines


def test_other_packages_stay_and_unknown_ones_are_unknown(client: Client) -> None:
    remove_django()

    assert client.get("/feeds/packages/other.rss").status_code == 200
    assert client.get("/feeds/packages/nobody.rss").status_code == 404


def test_package_that_is_counted_again_has_its_feeds_again(client: Client) -> None:
    remove_django()
    count_day(DAY + timedelta(days=1), {"django": {PIP_311: 5}})

    assert client.get(FEED).status_code == 200

    RemovedPackage.objects.update(removed_at=timezone.now() - timedelta(days=9))
    remove_django()

    assert client.get(FEED).status_code == 410
    removed = RemovedPackage.objects.get()
    assert timezone.now() - removed.removed_at < timedelta(days=1)


@pytest.mark.parametrize("one_by_one", [True, False])
def test_admin_leaves_the_name_behind(client: Client, *, one_by_one: bool) -> None:
    client.force_login(User.objects.create_superuser("admin"))
    django = Package.objects.get(normalized_name="django")
    address = "/admin/packages/package/"
    data = {"post": "yes"}
    if one_by_one:
        address = f"{address}{django.pk}/delete/"
    else:
        data |= {"action": "delete_selected", "_selected_action": str(django.pk)}

    assert client.post(address, data).status_code == 302

    assert not Package.objects.filter(pk=django.pk).exists()
    assert [gone.normalized_name for gone in RemovedPackage.objects.all()] == ["django"]
    assert client.get(FEED).status_code == 410
