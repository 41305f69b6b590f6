"""Feeds and OPML of many packages."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from xml.etree.ElementTree import Element

import pytest
from defusedxml import ElementTree
from django.core.management import call_command
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from feeds import listing
from packages.models import Generation, Package
from packages.tracking import untrack
from tests.factories import PIP_311, count_day
from tests.feeds.test_events import tell
from tests.feeds.validity import CHECKS
from tests.feeds.weeks import ADDRESS, SUNDAY, read, titles

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("two_weeks")]
BOTH = "/feeds/list.rss?packages=django,other"


def outlines(content: bytes) -> list[Element]:
    found: list[Element] = ElementTree.fromstring(content).findall("body/outline")
    return found


def test_list_has_the_items_of_each_package(client: Client) -> None:
    tell("other")

    feed = read(client, BOTH)

    assert feed.feed.title == "Downloads of django, other"
    assert feed.feed.link == "http://127.0.0.1:8000/feeds/list?packages=django,other"
    assert [(entry.id, entry.title) for entry in feed.entries] == [
        (
            "pypistats-site:other:event:milestone:500",
            "other: more than 500 downloads a week",
        ),
        (
            "pypistats-site:other:week:2026-W42",
            "other: 7 downloads in week 42, unchanged",
        ),
        (
            "pypistats-site:django:week:2026-W42",
            "django: 721 downloads in week 42, up 3.0 %",
        ),
        ("pypistats-site:other:week:2026-W41", "other: 7 downloads in week 41"),
        ("pypistats-site:django:week:2026-W41", "django: 700 downloads in week 41"),
    ]


@pytest.mark.parametrize(
    ("told_at", "number"),
    [
        (datetime(2026, 10, 11, tzinfo=UTC), 35),
        (datetime(2026, 10, 10, 23, tzinfo=UTC), 30),
    ],
)
def test_no_event_of_a_week_is_lost_in_a_feed_of_many_packages(
    client: Client, told_at: datetime, number: int
) -> None:
    """Of older ones there are the newest thirty."""
    for n in range(35):
        tell("other", key=f"milestone:{n}", published_at=told_at, updated_at=told_at)

    assert len(read(client, f"{BOTH}&events=only").entries) == number


@pytest.mark.parametrize(
    ("path", "guid", "about"),
    [
        ("list.atom?packages=other&", "list:other", "other"),
        ("tracked.atom?", "tracked", "the tracked packages"),
    ],
)
def test_feed_by_another_list_is_another_feed(
    client: Client, path: str, guid: str, about: str
) -> None:
    Package.objects.filter(normalized_name="other").update(tracked=True)

    found = [
        read(client, f"/feeds/{path}{query}").feed
        for query in ("every=week", "every=week&list=everything")
    ]

    guid = f"pypistats-site:{guid}:every-week"
    title = f"Weekly downloads of {about}"
    assert [(feed.id, feed.title) for feed in found] == [
        (guid, title),
        (f"{guid}:list:everything", f"{title} by the mirror list everything"),
    ]


@pytest.mark.parametrize("form", ["rss", "atom", "json"])
@pytest.mark.parametrize(
    "address", ["/feeds/list.{}?packages=django,other", "/feeds/tracked.{}?every=day"]
)
def test_list_is_valid_in_every_format(client: Client, form: str, address: str) -> None:
    Package.objects.filter(normalized_name="django").update(tracked=True)

    CHECKS[form](client, address.format(form), items=True)


def test_list_moves_to_its_one_spelling(client: Client) -> None:
    response = client.get(
        "/feeds/list.json?every=day&packages=Other,%20django,,other&packages=DJANGO"
    )

    assert (response.status_code, response["Location"]) == (
        301,
        "/feeds/list.json?packages=django,other&every=day",
    )


def test_unknown_package_is_named_and_harms_nobody(client: Client) -> None:
    feed = read(client, "/feeds/list.rss?packages=django,nobody")

    assert feed.feed.subtitle == (
        "The downloads of 1 package in one feed. Not known here: nobody."
    )
    assert len(feed.entries) == 2


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("", "packages names none; give some, as in packages=django,flask."),
        ("packages=,", "packages names none"),
        ("packages=django,a%20b", "packages has &#x27;a b&#x27;, which no package"),
        ("packages=__all__", "which no package can be called."),
        (
            "packages=" + ",".join(f"p{n}" for n in range(101)),
            "packages has 101 names; at most 100 are allowed.",
        ),
    ],
)
def test_wrong_list_is_400(client: Client, query: str, message: str) -> None:
    response = client.get(f"/feeds/list.rss?{query}")

    assert response.status_code == 400
    assert message in response.content.decode()


@pytest.mark.usefixtures("_nothing_kept")
@pytest.mark.parametrize("names", ["django", "django,other,third"])
def test_queries_do_not_grow_with_the_packages(
    client: Client, django_assert_num_queries: DjangoAssertNumQueries, names: str
) -> None:
    Package.objects.create(normalized_name="third")
    client.get(BOTH)

    # The generation, the packages, their records, their recounts, their events.
    with django_assert_num_queries(5):
        client.get(f"/feeds/list.rss?packages={names}")


def test_tracked_packages_have_a_feed(client: Client) -> None:
    assert titles(client, "/feeds/tracked.rss") == []

    Package.objects.filter(normalized_name="other").update(tracked=True)

    assert titles(client, "/feeds/tracked.rss?every=week") == [
        "other: 7 downloads in week 42, unchanged",
        "other: 7 downloads in week 41",
    ]


@pytest.mark.parametrize("ending", ["", ".rss", ".atom", ".json", ".opml"])
def test_package_is_in_the_tracked_feeds_once_it_is_tracked(
    client: Client, django_assert_num_queries: DjangoAssertNumQueries, ending: str
) -> None:
    address = f"/feeds/tracked{ending}"
    before = client.get(address)
    generation = Generation.current().number

    call_command("track", "django")
    after = client.get(address, headers={"if-none-match": before["ETag"]})

    assert Generation.current().number == generation
    assert (after.status_code, b"django" in after.content) == (200, True)
    for response in (before, after):
        assert response["Cache-Control"] == "public, max-age=60, stale-if-error=432000"
    with django_assert_num_queries(2):  # the generation, and the tracked packages
        again = client.get(address, headers={"if-none-match": after["ETag"]})
    assert again.status_code == 304
    untrack(["django"])
    assert client.get(address)["ETag"] == before["ETag"]


def test_of_too_many_tracked_packages_the_largest_are_followed(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listing, "MOST_PACKAGES", 1)
    Package.objects.update(tracked=True)

    feed = read(client, "/feeds/tracked.rss")

    assert "Only the 1 most downloaded are here." in feed.feed.subtitle
    assert {entry.title.partition(":")[0] for entry in feed.entries} == {"django"}


def test_each_of_many_packages_has_a_week_of_days_at_least(client: Client) -> None:
    names = ",".join(sorted(["django", "other", *(f"p{n}" for n in range(98))]))

    found = titles(client, f"/feeds/list.rss?packages={names}&every=day")

    named = Counter(title.partition(":")[0] for title in found)
    assert named == {"django": 8, "other": 8}


def test_item_says_what_it_says_in_the_feed_of_its_package(client: Client) -> None:
    """Also of a package that stopped when the days that a list reads begin."""
    names = ",".join(f"{letter}jango" for letter in "abcdefghijklmnop")  # 3 weeks
    found: dict[str, set[str]] = {}
    for number in range(1, 30):
        count_day(SUNDAY + timedelta(days=number), {"flask": {PIP_311: 1}})
        for address in (f"/feeds/list.rss?packages={names}", ADDRESS):
            for entry in read(client, address).entries if number % 4 == 0 else ():
                found.setdefault(entry.id.rpartition(":")[2], set()).add(entry.title)

    assert found == {
        "2026-W43": {"django: 0 downloads in week 43, down 100.0 %"},
        "2026-W42": {"django: 721 downloads in week 42, up 3.0 %"},
        "2026-W41": {"django: 700 downloads in week 41"},
    }


def test_items_of_many_packages_have_no_tables_of_clients(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    full = read(client, BOTH).entries[0].content[0].value
    monkeypatch.setattr(listing, "MOST_IN_FULL", 1)
    short = read(client, f"{BOTH}&every=week").entries[0].content[0].value

    assert ("<th>System</th>" in full, "<th>System</th>" in short) == (True, False)
    assert "<td>Week 42 of 2026, 2026-10-12 to 2026-10-18</td>" in short


def test_feed_without_any_tracked_package_says_so(client: Client) -> None:
    assert read(client, "/feeds/tracked.rss").feed.subtitle == (
        "No package is tracked here yet; those that are will appear here."
    )


def test_opml_subscribes_to_each_package_that_is_known(client: Client) -> None:
    response = client.get("/feeds/opml?packages=other,django,nobody&list=everything")

    assert response["Content-Type"] == "text/x-opml; charset=utf-8"
    assert response["Content-Disposition"] == 'attachment; filename="downloads.opml"'
    assert [outline.attrib for outline in outlines(response.content)] == [
        {
            "type": "rss",
            "text": f"Downloads of {name}",
            "title": f"Downloads of {name}",
            "xmlUrl": f"http://127.0.0.1:8000/feeds/packages/{name}.rss?list=everything",
            "htmlUrl": f"http://127.0.0.1:8000/feeds/packages/{name}?list=everything",
        }
        for name in ("django", "other")
    ]


def test_opml_of_nothing_known_is_404(client: Client) -> None:
    assert client.get("/feeds/opml?packages=nobody").status_code == 404


def test_opml_of_nothing_says_so(client: Client) -> None:
    """OPML 2.0 asks for an outline, and for a text in each."""
    found = outlines(client.get("/feeds/tracked.opml").content)

    text = "No package is tracked here yet; those that are will appear here."
    assert [outline.attrib for outline in found] == [{"text": text}]


def test_opml_of_the_tracked_packages(client: Client) -> None:
    Package.objects.filter(normalized_name="django").update(tracked=True)

    response = client.get("/feeds/tracked.opml")

    found = [outline.get("xmlUrl") for outline in outlines(response.content)]
    assert found == ["http://127.0.0.1:8000/feeds/packages/django.rss"]
