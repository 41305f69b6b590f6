"""What a feed reader makes of our feeds, over HTTP and across simulated days."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from django.contrib.auth.models import User
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer
from reader import Reader, make_reader

from packages.following import follow as follow_packages
from packages.following import unfollow as unfollow_packages
from packages.models import Event, Incident, Package, Watchlist
from tests.factories import PIP_311, POETRY, count_day

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.enable_socket,
    pytest.mark.once,
]
MONDAY = date(2026, 8, 31)
SATURDAY, SUNDAY = 5, 6
FORMS = ("rss", "atom", "json")


@pytest.fixture
def reader() -> Iterator[Reader]:
    made = make_reader(":memory:", feed_root=None)
    yield made
    made.close()


@pytest.fixture(autouse=True)
def _own_address(settings: Settings, live_server: LiveServer) -> None:
    settings.BASE_URL = live_server.url


def poll(reader: Reader) -> dict[str, tuple[int, int]]:
    """Read what changed: numbers of new and of changed items, by form."""
    found = {}
    for result in reader.update_feeds_iter(scheduled=False):
        assert not isinstance(result.value, Exception), result
        if result.value:
            form = result.url.partition("?")[0].rpartition(".")[2]
            found[form] = (result.value.new, result.value.modified)
    return {form: counts for form, counts in found.items() if counts != (0, 0)}


def after(day: date) -> datetime:
    """The moment at which ``day`` is counted."""
    return datetime(day.year, day.month, day.day, 4, tzinfo=UTC) + timedelta(days=1)


def follow(reader: Reader, live_server: LiveServer, path: str) -> None:
    for form in FORMS:
        path_, _, query = path.partition("?")
        reader.add_feed(f"{live_server.url}{path_}.{form}{'?' if query else ''}{query}")


def test_life_of_a_package_is_told_once(
    live_server: LiveServer, reader: Reader
) -> None:
    """It appears in week 37, grows, stops in week 39, and is gone after week 40."""
    downloads = [0, 10, 30, 0, 0]
    told: dict[int, dict[str, tuple[int, int]]] = {}
    with time_machine.travel(after(MONDAY - timedelta(days=1)), tick=False) as clock:
        count_day(MONDAY - timedelta(days=1), {"other": {POETRY: 5}})
        Package.objects.create(normalized_name="zope-interface")
        follow(reader, live_server, "/feeds/packages/Zope.Interface")
        poll(reader)
        for number in range(35):
            day = MONDAY + timedelta(days=number)
            clock.move_to(after(day))
            of_day = {"zope-interface": {PIP_311: downloads[number // 7]}}
            count_day(day, of_day | {"other": {POETRY: 5}})
            if day.weekday() in (SATURDAY, SUNDAY):
                told[number] = poll(reader)

    once = dict.fromkeys(FORMS, (1, 0))
    appeared = {number: found for number, found in told.items() if found}
    assert appeared == {13: once, 20: once, 27: once}
    for feed in reader.get_feeds():
        entries = reader.get_entries(feed=feed)
        assert sorted((str(e.published)[:10], e.id, e.title) for e in entries) == [
            (
                "2026-09-14",
                "pypistats-site:zope-interface:week:2026-W37",
                "zope-interface: 70 downloads in week 37, none before",
            ),
            (
                "2026-09-21",
                "pypistats-site:zope-interface:week:2026-W38",
                "zope-interface: 210 downloads in week 38, up 200.0 %",
            ),
            (
                "2026-09-28",
                "pypistats-site:zope-interface:week:2026-W39",
                "zope-interface: 0 downloads in week 39, down 100.0 %",
            ),
        ]


def test_correction_changes_its_item_and_announces_nothing(
    live_server: LiveServer, reader: Reader
) -> None:
    days = [MONDAY + timedelta(days=number) for number in range(3)]
    with time_machine.travel(after(days[0]), tick=False) as clock:
        for day in days:
            clock.move_to(after(day))
            count_day(day, {"a-b": {PIP_311: 10}})
        follow(reader, live_server, "/feeds/packages/a-b?every=day")

        assert poll(reader) == dict.fromkeys(FORMS, (3, 0))
        assert poll(reader) == {}

        clock.move_to(after(days[2]) + timedelta(hours=5))
        count_day(days[0], {"a-b": {PIP_311: 11}})

        # The day itself, and the one after it, whose change is another.
        assert poll(reader) == dict.fromkeys(FORMS, (0, 2))
        assert poll(reader) == {}

    for feed in reader.get_feeds():
        titles = sorted(str(e.title) for e in reader.get_entries(feed=feed))
        assert titles == [
            "a-b: 10 downloads on 2026-09-01, down 9.1 %",
            "a-b: 10 downloads on 2026-09-02, unchanged",
            "a-b: 11 downloads on 2026-08-31",
        ]


def test_what_needs_escaping_reaches_the_reader_as_it_was(
    live_server: LiveServer, reader: Reader
) -> None:
    with time_machine.travel(after(MONDAY), tick=False):
        count_day(MONDAY, {"a-b": {PIP_311: 10}})
        Incident.objects.create(
            title='Loss <b>of</b> "rows" & more ü', first_day=MONDAY, last_day=MONDAY
        )
        Event.objects.create(
            package=Package.objects.get(normalized_name="a-b"),
            kind=Event.Kind.UNUSUAL,
            day=MONDAY,
            key="unusual:2026-08-31",
            facts={
                "downloads": 300,
                "usual": 100,
                "owner": {"installer": "<i>&amp;", "share": 92, "usual_share": 1},
            },
            published_at=after(MONDAY),
            updated_at=after(MONDAY),
        )
        follow(reader, live_server, "/feeds/packages/a-b?every=day")
        follow(reader, live_server, "/feeds/packages/a-b?events=only")
        poll(reader)

    for feed in reader.get_feeds():
        (entry,) = reader.get_entries(feed=feed)
        html = entry.content[0].value
        if "every=day" in feed.url:
            assert "Loss &lt;b&gt;of&lt;/b&gt;" in html
            assert "&amp; more ü" in html
        else:
            assert "&lt;i&gt;&amp;amp;" in html
        assert "<b>" not in html


def test_package_that_is_gone_keeps_what_was_read(
    live_server: LiveServer, reader: Reader
) -> None:
    with time_machine.travel(after(MONDAY), tick=False):
        count_day(MONDAY, {"a-b": {PIP_311: 10}})
        follow(reader, live_server, "/feeds/packages/a-b?every=day")
        poll(reader)
        Package.objects.all().delete()
        count_day(MONDAY + timedelta(days=1), {"other": {PIP_311: 1}})

        answers = [result.value for result in reader.update_feeds_iter(scheduled=False)]

    assert [type(answer).__name__ for answer in answers] == ["ParseError"] * 3
    assert reader.get_entry_counts().total == 3


def test_list_of_a_user_is_followed_through_its_changes(
    live_server: LiveServer, reader: Reader
) -> None:
    user = User.objects.create_user("lovelace")
    with time_machine.travel(after(MONDAY), tick=False):
        count_day(MONDAY, {"a-b": {PIP_311: 10}, "other": {POETRY: 5}})
        follow_packages(user, ["a-b"])
        watchlist = Watchlist.objects.get()
        follow(reader, live_server, f"/feeds/users/{watchlist.key}?every=day")

        assert poll(reader) == dict.fromkeys(FORMS, (1, 0))
        follow_packages(user, ["other"])
        assert poll(reader) == dict.fromkeys(FORMS, (1, 0))
        unfollow_packages(user, ["a-b"])
        assert poll(reader) == {}
        follow_packages(user, ["a-b"])
        assert poll(reader) == {}

        watchlist.renew_key()
        for feed in list(reader.get_feeds()):
            old, _, ending = feed.url.partition("/users/")
            address = f"{old}/users/{watchlist.key}{ending[len(watchlist.key) :]}"
            reader.change_feed_url(feed, address)
        assert poll(reader) == {}
