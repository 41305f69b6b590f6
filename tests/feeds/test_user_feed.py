"""The feed of what a user follows, at its secret address."""

import gzip
import re
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from defusedxml import ElementTree
from django.contrib.auth.models import User
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from feeds import listing
from packages.following import follow, unfollow
from packages.models import Package, Watchlist
from packages.removal import remove
from tests.feeds.validity import CHECKS
from tests.feeds.weeks import read, titles

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("two_weeks")]
OF_OTHER = [
    "other: 7 downloads in week 42, unchanged",
    "other: 7 downloads in week 41",
]
UNKNOWN = "0" * 32


@pytest.fixture
def ada() -> User:
    return User.objects.create_user("lovelace")


def address(user: User, ending: str = ".rss") -> str:
    return f"/feeds/users/{Watchlist.objects.get(user=user).key}{ending}"


def subscribed(client: Client, user: User) -> list[str]:
    content = client.get(address(user, ".opml")).content
    found = ElementTree.fromstring(content).findall("body/outline")
    assert found
    addresses = [outline.get("xmlUrl") for outline in found]
    return [address.rpartition("/")[2] for address in addresses if address]


def test_feed_has_the_items_of_what_is_followed(client: Client, ada: User) -> None:
    follow(ada, ["other"])

    feed = read(client, address(ada))

    assert feed.feed.title == "Downloads of the followed packages"
    assert feed.feed.subtitle == "The downloads of 1 package in one feed."
    assert feed.feed.link == f"http://127.0.0.1:8000{address(ada, '')}"
    assert [(entry.id, entry.title) for entry in feed.entries] == [
        ("pypistats-site:other:week:2026-W42", OF_OTHER[0]),
        ("pypistats-site:other:week:2026-W41", OF_OTHER[1]),
    ]


@pytest.mark.parametrize("form", ["rss", "atom", "json"])
@pytest.mark.parametrize("names", [[], ["django", "other"]])
def test_feed_is_valid_in_every_format(
    client: Client, ada: User, form: str, names: list[str]
) -> None:
    follow(ada, names)

    CHECKS[form](client, address(ada, f".{form}"), items=bool(names))
    CHECKS[form](client, address(ada, f".{form}?every=day"), items=bool(names))


def test_feed_of_nothing_says_so(client: Client, ada: User) -> None:
    follow(ada, [])

    assert read(client, address(ada)).feed.subtitle == (
        "No package is followed yet; those that are will appear here."
    )
    assert subscribed(client, ada) == []


def test_change_of_the_list_shows_at_once(client: Client, ada: User) -> None:
    follow(ada, ["other"])
    feed = address(ada, ".atom")
    tag = client.get(feed)["ETag"]
    assert client.get(feed, headers={"if-none-match": tag}).status_code == 304

    follow(ada, ["django"])
    more = client.get(feed, headers={"if-none-match": tag})
    unfollow(ada, ["other", "django"])
    none = client.get(feed, headers={"if-none-match": more["ETag"]})
    follow(ada, ["other"])

    assert more.content.count(b"<entry>") == 4
    assert none.content.count(b"<entry>") == 0
    assert client.get(feed)["ETag"] == tag


def test_change_shows_in_the_file_for_readers_too(client: Client, ada: User) -> None:
    follow(ada, ["other"])
    file = address(ada, ".opml")
    tag = client.get(file)["ETag"]
    assert client.get(file, headers={"if-none-match": tag}).status_code == 304

    follow(ada, ["django"])

    assert client.get(file, headers={"if-none-match": tag}).status_code == 200
    assert subscribed(client, ada) == ["django.rss", "other.rss"]


def test_each_user_reads_their_own(client: Client, ada: User) -> None:
    bob = User.objects.create_user("bob")
    follow(ada, ["other"])
    follow(bob, ["django"])

    assert titles(client, address(ada)) == OF_OTHER
    assert subscribed(client, ada) == ["other.rss"]
    assert subscribed(client, bob) == ["django.rss"]


@pytest.mark.parametrize("ending", [".rss", ".atom", ".json", ".opml", ""])
def test_nothing_tells_whose_it_is(client: Client, ada: User, ending: str) -> None:
    follow(ada, ["other"])

    answer = client.get(address(ada, ending))

    assert b"lovelace" not in answer.content + answer.serialize_headers()


@pytest.mark.parametrize("ending", [".rss", ".atom", ".json", ".opml", ""])
def test_new_key_ends_the_old_address(client: Client, ada: User, ending: str) -> None:
    follow(ada, ["other"])
    old = address(ada, ending)
    tag = client.get(old)["ETag"]

    Watchlist.objects.get().renew_key()

    ended = client.get(old, headers={"if-none-match": tag})
    unknown = client.get(f"/feeds/users/{UNKNOWN}{ending}")
    assert (ended.status_code, unknown.status_code) == (404, 404)
    assert ended.content == unknown.content
    assert client.get(address(ada, ending)).status_code == 200


def test_feed_and_items_are_the_same_under_a_new_key(client: Client, ada: User) -> None:
    follow(ada, ["other"])
    before = read(client, address(ada, ".atom"))

    Watchlist.objects.get().renew_key()

    after = read(client, address(ada, ".atom"))
    assert after.feed.id == before.feed.id
    own = Watchlist.objects.get().id
    assert after.feed.id == f"pypistats-site:user:{own}:downloads"
    assert [one.id for one in after.entries] == [one.id for one in before.entries]
    assert Watchlist.objects.get().key not in after.feed.id


@pytest.mark.parametrize(
    "key", ["x", "%00", "a%20b", "..", "%F0%9F%90%8D", "a" * 5000, "0", "lovelace"]
)
def test_what_is_no_key_is_404(client: Client, ada: User, key: str) -> None:
    follow(ada, ["other"])

    for ending in ("", ".rss", ".opml"):
        assert client.get(f"/feeds/users/{key}{ending}").status_code == 404


@pytest.mark.parametrize("ending", [".rss", ".opml", ""])
def test_proxies_keep_nothing_of_it(client: Client, ada: User, ending: str) -> None:
    follow(ada, ["other"])

    asked_at = datetime.now(UTC) + timedelta(minutes=1)
    with time_machine.travel(asked_at, tick=False):
        first = client.get(address(ada, ending))
        again = client.get(
            address(ada, ending), headers={"if-none-match": first["ETag"]}
        )

    for response in (first, again):
        assert response["Cache-Control"] == "private, no-cache"
        assert response["X-Robots-Tag"] == "noindex"
        assert response["Vary"] == "Accept-Encoding"
        assert "Last-Modified" not in response
    assert (again.status_code, again.content) == (304, b"")


def test_feed_is_compressed_for_those_who_can_read_that(
    client: Client, ada: User
) -> None:
    follow(ada, ["other"])
    plain = client.get(address(ada))

    packed = client.get(address(ada), headers={"accept-encoding": "gzip"})

    assert packed["Content-Encoding"] == "gzip"
    assert packed["ETag"] == plain["ETag"]
    assert gzip.decompress(packed.content) == plain.content
    assert int(packed["Content-Length"]) == len(packed.content)


def test_unchanged_feed_costs_two_queries(
    client: Client, ada: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    follow(ada, ["django", "other"])
    tag = client.get(address(ada))["ETag"]
    feed = address(ada)

    # The generation, and the list.
    with django_assert_num_queries(2):
        assert client.get(feed, headers={"if-none-match": tag}).status_code == 304


@pytest.mark.parametrize("names", [["django"], ["django", "other", "third"]])
def test_queries_do_not_grow_with_the_list(
    client: Client,
    ada: User,
    django_assert_num_queries: DjangoAssertNumQueries,
    names: list[str],
) -> None:
    follow(ada, names)
    feed = address(ada)
    client.get(feed)

    # The generation, the list, the packages, their records, recounts and events.
    with django_assert_num_queries(6):
        client.get(feed)


def test_of_many_packages_the_largest_are_in_the_feed(
    client: Client, ada: User
) -> None:
    follow(ada, ["other", *(f"a{n}" for n in range(149))])

    feed = read(client, address(ada))

    assert feed.feed.subtitle == (
        "The downloads of 100 packages in one feed."
        " Only the 100 most downloaded are here."
    )
    assert [entry.title for entry in feed.entries] == OF_OTHER
    assert len(subscribed(client, ada)) == 150


def test_feed_follows_which_are_the_largest(
    client: Client, ada: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listing, "MOST_PACKAGES", 1)
    follow(ada, ["django", "other"])

    assert {title[:6] for title in titles(client, address(ada))} == {"django"}


def test_removed_package_leaves_the_list(client: Client, ada: User) -> None:
    follow(ada, ["django", "other"])

    remove(Package.objects.filter(normalized_name="django"))

    assert titles(client, address(ada)) == OF_OTHER
    assert subscribed(client, ada) == ["other.rss"]

    follow(ada, ["django"])

    assert subscribed(client, ada) == ["django.rss", "other.rss"]
    assert client.get("/feeds/packages/django.rss").status_code == 200


def test_feed_ends_with_its_user(client: Client, ada: User) -> None:
    follow(ada, ["other"])
    feed = address(ada)

    ada.is_active = False
    ada.save()
    assert client.get(feed).status_code == 404
    ada.is_active = True
    ada.save()
    assert client.get(feed).status_code == 200
    ada.delete()
    assert client.get(feed).status_code == 404
    assert Package.objects.tracked().get().normalized_name == "other"


def test_wrong_choice_is_400(client: Client, ada: User) -> None:
    follow(ada, ["other"])

    response = client.get(address(ada, ".rss?every=year"))

    assert response.status_code == 400
    assert "allowed are: day, week, month." in response.content.decode()


def test_posting_is_not_allowed(ada: User) -> None:
    follow(ada, ["other"])
    client = Client(enforce_csrf_checks=True)

    assert client.post(address(ada)).status_code == 405
    assert client.post(address(ada, ".opml")).status_code == 405


def test_page_links_every_form_and_the_file(client: Client, ada: User) -> None:
    follow(ada, ["other"])

    html = client.get(address(ada, "?every=day")).content.decode()

    path = address(ada, "")
    found = re.findall(r'<link rel="alternate"[^>]*href="([^"]*)"', html)
    assert found == [f"{path}.{form}?every=day" for form in ("rss", "atom", "json")]
    assert f'<a href="{path}.opml?every=day">OPML file</a>' in html
    assert f'<a href="{path}?events=only">Events</a>' in html
    assert "Set-Cookie" not in client.get(path)


def test_index_of_the_feeds_leads_to_the_list(client: Client) -> None:
    html = client.get("/feeds/").content.decode()

    assert '<a href="/admin/packages/watchlist/">Packages I follow</a>' in html
