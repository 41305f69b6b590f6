"""The feed of a package, as a feed reader sees it."""

import re
from datetime import UTC, date, datetime, timedelta
from typing import Any
from xml.etree.ElementTree import Element

import feedparser
import pytest
import time_machine
from defusedxml import ElementTree
from django.test import Client
from pytest_django import DjangoAssertNumQueries, Settings

from packages.models import Generation, Incident, MirrorList, Package
from tests.factories import MIRROR, PIP_311, POETRY, count_day

pytestmark = pytest.mark.django_db
DAY = date(2026, 11, 17)
LAST = date(2026, 11, 18)
ADDRESS = "/feeds/packages/django.rss"


def read(client: Client, address: str = ADDRESS) -> Any:
    response = client.get(address)
    assert response.status_code == 200
    parsed = feedparser.parse(response.content)
    assert not parsed.bozo
    return parsed


def channel(content: bytes) -> Element:
    found: Element | None = ElementTree.fromstring(content).find("channel")
    assert found is not None
    return found


def count_two_days() -> None:
    count_day(DAY, {"django": {PIP_311: 1000}})
    count_day(LAST, {"django": {PIP_311: 1234, POETRY: 6, MIRROR: 60}})


def test_newest_day_comes_first(client: Client) -> None:
    count_two_days()

    feed = read(client)

    assert [entry.title for entry in feed.entries] == [
        "django: 1,240 downloads on 2026-11-18",
        "django: 1,000 downloads on 2026-11-17",
    ]


def test_item_has_everything_a_reader_needs(client: Client) -> None:
    count_two_days()

    entry = read(client).entries[0]

    assert entry.id == "pypistats-site:django:day:2026-11-18"
    assert entry.guidislink is False
    assert entry.link == "http://127.0.0.1:8000/packages/django#2026-11-18"
    assert entry.published == "Thu, 19 Nov 2026 00:00:00 +0000"
    assert "<strong>1,240</strong>" in entry.summary
    assert "1,300 with mirrors" in entry.summary
    for category, downloads in {"3.11": "1,234", "Windows": "6", "poetry": "6"}.items():
        assert f"<td>{category}</td><td>{downloads}</td>" in entry.summary


def test_day_of_mirrors_alone_has_no_empty_table(client: Client) -> None:
    count_day(LAST, {"django": {MIRROR: 60}})

    entry = read(client).entries[0]

    assert entry.title == "django: 0 downloads on 2026-11-18"
    assert "60 with mirrors" in entry.summary
    assert "<table" not in entry.summary


def test_links_come_from_base_url(client: Client, settings: Settings) -> None:
    settings.BASE_URL = "https://stats.example.org"
    settings.ALLOWED_HOSTS = ["other.example.org"]
    count_two_days()

    response = client.get(ADDRESS, headers={"host": "other.example.org"})
    feed = feedparser.parse(response.content)

    itself = [link.href for link in feed.feed.links if link.rel == "self"]
    assert itself == ["https://stats.example.org/feeds/packages/django.rss"]
    assert feed.feed.link == "https://stats.example.org/packages/django"
    assert b"other.example.org" not in response.content


def test_content_type_and_valid_guids(client: Client) -> None:
    count_two_days()

    response = client.get(ADDRESS)

    assert response["Content-Type"] == "application/rss+xml; charset=utf-8"
    guids = channel(response.content).findall("item/guid")
    assert [guid.get("isPermaLink") for guid in guids] == ["false", "false"]
    assert len({guid.text for guid in guids}) == 2


@pytest.fixture
def _counted_before() -> None:
    """An answer has no date in the second in which its generation began."""
    with time_machine.travel(datetime(2026, 11, 19, 4, tzinfo=UTC)):
        count_two_days()


@pytest.mark.usefixtures("_counted_before")
def test_unchanged_feed_is_not_sent_again(client: Client) -> None:
    first = client.get(ADDRESS)

    by_tag = client.get(ADDRESS, headers={"if-none-match": first["ETag"]})
    by_date = client.get(ADDRESS, headers={"if-modified-since": first["Last-Modified"]})

    assert (by_tag.status_code, by_tag.content) == (304, b"")
    assert by_date.status_code == 304


@pytest.mark.usefixtures("_counted_before")
def test_corrected_figure_is_sent_and_keeps_its_identifier(client: Client) -> None:
    first = client.get(ADDRESS)
    with time_machine.travel(datetime(2026, 11, 19, 5, tzinfo=UTC)):
        count_day(DAY, {"django": {PIP_311: 1001}})
        conditions = {
            "if-none-match": first["ETag"],
            "if-modified-since": first["Last-Modified"],
        }
        again = client.get(ADDRESS, headers=conditions)

    before, after = feedparser.parse(first.content), feedparser.parse(again.content)
    assert again.status_code == 200
    assert [e.id for e in before.entries] == [e.id for e in after.entries]
    assert [e.published for e in before.entries] == [e.published for e in after.entries]
    assert after.entries[1].title == "django: 1,001 downloads on 2026-11-17"


def test_edited_mirror_list_is_a_new_feed(client: Client) -> None:
    count_two_days()
    tag = client.get(ADDRESS)["ETag"]

    MirrorList.objects.get(is_default=True).entries.create(installer="poetry")

    response = client.get(ADDRESS, headers={"if-none-match": tag})
    assert response.status_code == 200
    assert b"1,234 downloads on 2026-11-18" in response.content


def test_empty_feed_says_so_and_stays_the_same(client: Client) -> None:
    count_day(LAST, {"django": {PIP_311: 1}})
    Package.objects.create(normalized_name="quiet")

    changed_at = Generation.current().changed_at
    first = client.get("/feeds/packages/quiet.rss")
    second = client.get("/feeds/packages/quiet.rss")

    assert read(client, "/feeds/packages/quiet.rss").entries == []
    assert b"quiet has no downloads yet" in first.content
    assert first.content == second.content
    built = channel(first.content).findtext("lastBuildDate")
    assert built == changed_at.strftime("%a, %d %b %Y %H:%M:%S +0000")


def test_unknown_package_is_404(client: Client) -> None:
    assert client.get("/feeds/packages/no-such-package.rss").status_code == 404


@pytest.mark.usefixtures("_counted_before")
@pytest.mark.parametrize("condition", ["if-none-match", "if-modified-since"])
def test_unknown_package_is_404_for_readers_with_an_old_copy(
    client: Client, condition: str
) -> None:
    values = {
        "if-none-match": "*",
        "if-modified-since": client.get(ADDRESS)["Last-Modified"],
    }

    response = client.get(
        "/feeds/packages/no-such-package.rss", headers={condition: values[condition]}
    )

    assert response.status_code == 404


def test_running_day_is_not_dated_in_the_future(client: Client) -> None:
    with time_machine.travel(datetime(2026, 11, 18, 6, tzinfo=UTC), tick=False):
        count_day(LAST, {"django": {PIP_311: 1}})

        feed = read(client)

    assert feed.entries[0].published == "Wed, 18 Nov 2026 06:00:00 +0000"
    assert feed.feed.updated == "Wed, 18 Nov 2026 06:00:00 +0000"


def test_posting_to_a_feed_is_not_allowed() -> None:
    client = Client(enforce_csrf_checks=True)

    assert client.post(ADDRESS).status_code == 405


@pytest.mark.parametrize("name", ["nul%00", "sp%20ace", "a" * 500, "%ff"])
def test_hostile_name_is_404(client: Client, name: str) -> None:
    assert client.get(f"/feeds/packages/{name}.rss").status_code == 404


def test_other_spelling_moves_to_the_normalized_name(client: Client) -> None:
    count_two_days()

    response = client.get("/feeds/packages/Django.rss")

    assert (response.status_code, response["Location"]) == (301, ADDRESS)


def test_feed_is_discovered_from_the_page(client: Client) -> None:
    count_two_days()

    page = client.get("/packages/django").content.decode()

    found = re.findall(r'<link[^>]*rel="alternate"[^>]*>', page)
    assert any(ADDRESS in link and "application/rss+xml" in link for link in found)


def test_all_packages_have_a_feed(client: Client) -> None:
    count_two_days()

    feed = read(client, "/feeds/packages/__all__.rss")

    assert feed.feed.title == "Downloads of all packages"
    assert feed.entries[0].title == "all packages: 1,240 downloads on 2026-11-18"


def test_item_of_a_revised_day_says_what_was_before(client: Client) -> None:
    count_two_days()
    with time_machine.travel(datetime(2026, 11, 21, 5, tzinfo=UTC)):
        count_day(DAY, {"django": {PIP_311: 900}, "flask": {PIP_311: 200}})

    last, revised = read(client).entries

    assert (
        "The day was counted again on 2026-11-21: all packages together had 1,000"
        " downloads before and have 1,100 since."
    ) in revised.summary
    assert "counted again" not in last.summary


def test_item_within_an_incident_says_so(client: Client) -> None:
    count_two_days()
    Incident.objects.create(
        title="Rows <lost>",
        first_day=DAY,
        last_day=DAY,
        effect="Too low.",
        evidence="https://status.example/1",
    )

    last, hit = read(client).entries

    assert "The day lies within an incident: Rows &lt;lost&gt;. Too low." in hit.summary
    assert 'href="https://status.example/1"' in hit.summary
    assert "incident" not in last.summary


def test_item_of_ones_own_log_knows_nothing_of_pypis_incidents(client: Client) -> None:
    Incident.objects.create(title="Loss", first_day=DAY)
    count_day(DAY, {"django": {PIP_311: 1000}}, source="access_log")

    assert "incident" not in read(client).entries[0].summary


@pytest.mark.usefixtures("_nothing_kept")
@pytest.mark.parametrize("days", [1, 3])
def test_queries_do_not_grow_with_the_items(
    client: Client, django_assert_num_queries: DjangoAssertNumQueries, days: int
) -> None:
    for age in range(days):
        count_day(LAST - timedelta(days=age), {"django": {PIP_311: 1000}})
        count_day(LAST - timedelta(days=age), {"django": {PIP_311: 1001}})
    Incident.objects.create(title="Loss", first_day=LAST)
    client.get(ADDRESS)

    # The generation, the records.
    with django_assert_num_queries(2):
        client.get(ADDRESS)
