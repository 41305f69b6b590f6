"""pypirss over HTTP, as feed readers of 2009 and of today see it."""

import gzip
from collections.abc import Mapping
from datetime import date, timedelta
from html import unescape
from typing import Any
from unittest import mock
from urllib.parse import quote

import feedparser
import pytest
from defusedxml import ElementTree
from django.db import OperationalError
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from feeds.pypirss import views
from feeds.pypirss.files import Release
from packages.models import CountedDay, Generation, Package
from tests.factories import POETRY, count_day
from tests.feeds.validity import RFC_822, check_date, check_title, check_url

pytestmark = pytest.mark.django_db
DAY = date(2026, 10, 18)
ADDRESS = "/services/pypirss/rss/lockfile"
SELF = "http://127.0.0.1:8000/services/pypirss/rss/lockfile"
COUNTED = {DAY - timedelta(days=1): 160, DAY: 3}
ALWAYS = 'ERROR: Error accessing "downloads" attribute from package[lockfile]'


@pytest.fixture(autouse=True)
def _counted() -> None:
    for day in COUNTED:
        count_day(day, {"lockfile": {POETRY: 1}})


@pytest.fixture
def _files(monkeypatch: pytest.MonkeyPatch) -> None:
    counts(monkeypatch, "0.2", COUNTED)


def counts(
    monkeypatch: pytest.MonkeyPatch, version: str, downloads: Mapping[date, int]
) -> None:
    """Let the files counted be those of one release."""
    release = Release(version, min(downloads), downloads)
    monkeypatch.setattr(views, "releases_of", lambda package, *, mirrors: [release])


def read(response: Any) -> Any:
    assert response["Content-Type"] == "application/rss+xml; charset=utf-8"
    parsed = feedparser.parse(response.content)
    assert not parsed.bozo
    return parsed


@pytest.mark.usefixtures("_files")
@pytest.mark.parametrize(
    "address",
    [
        ADDRESS,
        f"{ADDRESS}/",
        "/services/pypirss/rss/LockFile",
        "/rss/LockFile/downloads.xml",
    ],
)
def test_feed_says_what_it_said_in_2009(client: Client, address: str) -> None:
    response = client.get(address)

    feed = read(response)
    assert response.status_code == 200
    assert response["ETag"] == '"[lockfile][0.2][163]"'
    assert response["Access-Control-Allow-Origin"] == "*"
    assert feed.version == "rss20"
    assert feed.feed.title == "Pypi Statistics for Package [lockfile]"
    assert feed.feed.subtitle == "RSS feed for PYPI package [lockfile]"
    assert feed.feed.ttl == "60"
    assert [(link.rel, link.href) for link in feed.feed.links] == [
        ("alternate", SELF),
        ("self", SELF),
    ]
    counted_at = CountedDay.objects.get(day=DAY).first_counted_at
    assert counted_at is not None
    assert [
        (e.title, e.description, e.id, e.guidislink, e.link) for e in feed.entries
    ] == [
        (
            "Pypi statistics for [lockfile]",
            f"Release[0.2] Downloads[{number}]",
            f"[lockfile][0.2][{number}]",
            False,
            "http://127.0.0.1:8000/packages/lockfile",
        )
        for number in (163, 160)
    ]
    assert feed.entries[0].published == f"{counted_at:%a, %d %b %Y %H:%M:%S +0000}"


@pytest.mark.usefixtures("_files")
def test_feed_is_valid(client: Client) -> None:
    (channel,) = ElementTree.fromstring(client.get(ADDRESS).content)

    for name in ("title", "link", "description", "lastBuildDate", "ttl"):
        assert len(channel.findall(name)) == 1, name
    check_date(channel.findtext("lastBuildDate"), RFC_822)
    items = channel.findall("item")
    assert len({item.findtext("guid") for item in items}) == 2
    for item in items:
        (guid,) = item.findall("guid")
        assert guid.get("isPermaLink") == "false"
        check_title(item.findtext("title"))
        check_url(item.findtext("link"))
        check_date(item.findtext("pubDate"), RFC_822)


@pytest.mark.usefixtures("_files")
@pytest.mark.parametrize("tag", ['"[lockfile][0.2][163]"', 'W/"[lockfile][0.2][163]"'])
def test_present_value_is_not_sent_again(client: Client, tag: str) -> None:
    response = client.get(ADDRESS, headers={"if-none-match": f'"[a][b][1]", {tag}'})

    assert (response.status_code, response.content) == (304, b"")
    assert response["ETag"] == '"[lockfile][0.2][163]"'


@pytest.mark.usefixtures("_files")
def test_answer_that_is_kept_is_not_sent_again_either(client: Client) -> None:
    Generation.objects.update(changed_at=timezone.now() - timedelta(minutes=1))
    sent = client.get(ADDRESS)

    with mock.patch.object(views, "releases_of", side_effect=AssertionError):
        by_tag = client.get(ADDRESS, headers={"if-none-match": sent["ETag"]})
        by_date = client.get(
            ADDRESS, headers={"if-modified-since": sent["Last-Modified"]}
        )
        other = client.get(ADDRESS, headers={"if-none-match": '"[lockfile][0.2][160]"'})

    assert [a.status_code for a in (by_tag, by_date, other)] == [304, 304, 200]
    assert other.content == sent.content


@pytest.mark.usefixtures("_files")
def test_compressed_answer_has_the_weak_tag(client: Client) -> None:
    packed = client.get(ADDRESS, headers={"accept-encoding": "gzip"})

    assert gzip.decompress(packed.content) == client.get(ADDRESS).content
    assert packed["ETag"] == 'W/"[lockfile][0.2][163]"'


def test_next_value_is_a_new_item(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    counts(monkeypatch, "0.2", COUNTED)
    before = client.get(ADDRESS)
    count_day(DAY + timedelta(days=1), {"lockfile": {POETRY: 1}})
    counts(monkeypatch, "0.2", COUNTED | {DAY + timedelta(days=1): 7})

    after = client.get(ADDRESS, headers={"if-none-match": before["ETag"]})

    assert after["ETag"] == '"[lockfile][0.2][170]"'
    assert [entry.id for entry in read(after).entries] == [
        "[lockfile][0.2][170]",
        *(entry.id for entry in read(before).entries),
    ]


def test_package_of_which_no_file_is_counted_has_one_lasting_item(
    client: Client,
) -> None:
    added_at = timezone.now() - timedelta(hours=1)
    Package.objects.update(added_at=added_at)
    first = client.get(ADDRESS)
    count_day(DAY + timedelta(days=1), {"lockfile": {POETRY: 1}})
    second = client.get(ADDRESS)

    assert (first.status_code, second.status_code) == (200, 200)
    assert first.content == second.content
    assert first["ETag"] == second["ETag"] == '"[lockfile][][error]"'
    (entry,) = read(first).entries
    assert entry.id == "[lockfile][][error]"
    assert entry.published == f"{added_at:%a, %d %b %Y %H:%M:%S +0000}"
    assert entry.description == (
        f"{ALWAYS}. No downloads of this package's files are counted here yet; this"
        " feed begins to count with the first."
    )


@pytest.mark.parametrize(
    ("asked", "shown"),
    [
        ("nobody", "nobody"),
        ("__all__", "__all__"),
        ("<b>&amp;]]>", "\u2039b\u203a& amp;]]\u203a"),
        ("nul\0tab\t", "nultab"),
        ("<>", "\u2039\u203a"),
        ("R&D", "R&D"),
        ("ünï", "ünï"),
        ("a" * 300, "a" * 300),
    ],
)
def test_unknown_package_is_a_404_that_readers_can_read(
    client: Client, asked: str, shown: str
) -> None:
    response = client.get(f"/services/pypirss/rss/{quote(asked)}")

    assert response.status_code == 404
    (entry,) = read(response).entries
    assert unescape(entry.description) == f"ERROR: Package [{shown}] was not found"
    assert entry.title == f"Pypi statistics for [{shown}]"
    assert "ETag" not in response


def test_version_that_needs_escaping_arrives_as_it_is(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    counts(monkeypatch, '1"<b>, 2&amp;é', {DAY: 5})

    response = client.get(ADDRESS)

    (entry,) = read(response).entries
    assert entry.id == '[lockfile][1"<b>, 2&amp;é][5]'
    assert b'Release[1"&amp;lt;b&amp;gt;, 2&amp;amp;amp;' in response.content
    assert response["ETag"] == '"[lockfile][1%22%3Cb%3E%2C%202%26amp%3B%C3%A9][5]"'
    again = client.get(ADDRESS, headers={"if-none-match": response["ETag"]})
    assert again.status_code == 304


def test_mirrors_count_where_somebody_asks_for_them(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def releases(package: str, *, mirrors: bool) -> list[Release]:
        return [Release("1.0", DAY, {DAY: 9 if mirrors else 4})]

    monkeypatch.setattr(views, "releases_of", releases)

    tags = [
        client.get(f"{ADDRESS}{query}")["ETag"]
        for query in ("", "?mirrors=false", "?mirrors=TRUE")
    ]
    assert tags == [
        '"[lockfile][1.0][4]"',
        '"[lockfile][1.0][4]"',
        '"[lockfile][1.0][9]"',
    ]
    feed = read(client.get(f"{ADDRESS}?mirrors=true"))
    assert feed.feed.link == f"{SELF}?mirrors=true"


def test_other_value_of_mirrors_is_refused(client: Client) -> None:
    response = client.get(f"{ADDRESS}?mirrors=maybe")

    assert response.status_code == 400
    assert "allowed are: true, false." in response.content.decode()


@pytest.mark.parametrize("broken", ["packages.snapshot.current", None])
def test_database_that_does_not_answer_is_no_empty_feed(
    client: Client, monkeypatch: pytest.MonkeyPatch, broken: str | None
) -> None:
    def fail(*args: object, **kwargs: object) -> None:
        raise OperationalError

    if broken:
        monkeypatch.setattr(broken, fail)
    monkeypatch.setattr(views, "releases_of", fail)

    response = client.get(ADDRESS)

    assert (response.status_code, response["Retry-After"]) == (503, "60")
    (entry,) = read(response).entries
    assert entry.description == "ERROR: Error accessing the datastore"


@pytest.mark.parametrize("path", ["", "rss", "rss/"])
def test_manual_tells_the_address(
    client: Client, settings: Settings, path: str
) -> None:
    settings.BASE_URL = "https://stats.example"

    response = client.get(f"/services/pypirss/{path}")

    page = response.content.decode()
    assert response.status_code == 200
    assert "https://stats.example/services/pypirss/rss/requests" in page
    assert "downloads on the 151 days up to" in " ".join(page.split())


@pytest.mark.parametrize("path", ["atom/lockfile", "atom/lockfile/", "%3Cb%3E/x"])
def test_other_format_is_not_supported(client: Client, path: str) -> None:
    response = client.get(f"/services/pypirss/{path}")

    assert response.status_code == 404
    assert "is not supported; the only one is rss." in response.content.decode()
    assert b"<b>" not in response.content


def test_posting_is_not_allowed() -> None:
    assert Client(enforce_csrf_checks=True).post(ADDRESS).status_code == 405


def test_date_of_an_error_is_now(client: Client) -> None:
    response = client.get("/services/pypirss/rss/nobody")

    (entry,) = read(response).entries
    published = check_date(entry.published, RFC_822)
    assert abs((timezone.now() - published).total_seconds()) < 60
