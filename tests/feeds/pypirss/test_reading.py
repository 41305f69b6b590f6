"""What a feed reader makes of pypirss, over HTTP and across simulated days."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer
from reader import Reader, make_reader

from packages.models import Package
from packages.removal import remove
from tests.factories import PIP_311, count_day, count_files

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.enable_socket,
    pytest.mark.once,
]
FIRST = date(2026, 10, 18)
OLD, NEW = ("lockfile-0.2.tar.gz", "0.2"), ("lockfile-0.7.tar.gz", "0.7")


@pytest.fixture
def reader(settings: Settings, live_server: LiveServer) -> Iterator[Reader]:
    settings.BASE_URL = live_server.url
    made = make_reader(":memory:", feed_root=None)
    made.add_feed(f"{live_server.url}/services/pypirss/rss/lockfile")
    yield made
    made.close()


def poll(reader: Reader) -> tuple[int, int]:
    """Read what is new: numbers of new and of changed items."""
    (result,) = reader.update_feeds_iter(scheduled=False)
    assert not isinstance(result.value, Exception), result
    return (result.value.new, result.value.modified) if result.value else (0, 0)


def after(days: int) -> datetime:
    """The moment at which the day so many after the first is counted."""
    midnight = datetime(FIRST.year, FIRST.month, FIRST.day, tzinfo=UTC)
    return midnight + timedelta(days=days + 1, hours=4)


def test_every_value_is_told_once(reader: Reader) -> None:
    """No file, a release, the same number again, a new release, a correction."""
    with time_machine.travel(after(0), tick=False) as clock:
        count_day(FIRST, {"lockfile": {PIP_311: 4}})
        told = [poll(reader)]
        for days, files in enumerate(
            [{OLD: {PIP_311: 163}}, {}, {OLD: {PIP_311: 9}, NEW: {PIP_311: 1}}], start=1
        ):
            clock.move_to(after(days))
            of_day = {"lockfile": files} if files else {}
            count_files(FIRST + timedelta(days=days), of_day | {"other": {}})
            told += [poll(reader), poll(reader)]
        clock.move_to(after(3) + timedelta(hours=5))
        count_files(FIRST + timedelta(days=3), {"lockfile": {NEW: {PIP_311: 2}}})
        told.append(poll(reader))

    assert told == [(1, 0), (1, 0), (0, 0), (0, 0), (0, 0), (1, 0), (0, 0), (1, 0)]
    assert sorted(entry.id for entry in reader.get_entries()) == [
        "[lockfile][0.2][163]",
        "[lockfile][0.7][1]",
        "[lockfile][0.7][2]",
        "[lockfile][][error]",
    ]


def test_removed_package_fails_and_keeps_what_was_read(reader: Reader) -> None:
    count_files(FIRST, {"lockfile": {OLD: {PIP_311: 163}}})
    poll(reader)

    remove(Package.objects.all())

    (result,) = reader.update_feeds_iter(scheduled=False)
    assert type(result.value).__name__ == "ParseError"
    assert [entry.id for entry in reader.get_entries()] == ["[lockfile][0.2][163]"]
