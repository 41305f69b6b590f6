"""Releases as pypirss knows them, from files counted for real."""

from datetime import date, timedelta

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from feeds.pypirss.files import Release, releases_of
from packages.models import DownloadRecord
from tests.factories import MIRROR, PIP_311, POETRY, count_day, count_files
from tests.feeds.weeks import titles

pytestmark = pytest.mark.django_db
DAY = date(2026, 10, 18)
NEXT = DAY + timedelta(days=1)
WHEEL, SDIST = ("lockfile-0.7-py3-none-any.whl", "0.7"), ("lockfile-0.7.tar.gz", "0.7")
OLD, UNKNOWN = ("lockfile-0.2.tar.gz", "0.2"), ("", "")
ADDRESS = "/services/pypirss/rss/lockfile"


def test_all_files_of_a_release_are_summed_by_day() -> None:
    count_files(DAY, {"lockfile": {WHEEL: {PIP_311: 3}, SDIST: {PIP_311: 2}}})
    count_files(NEXT, {"lockfile": {SDIST: {POETRY: 5, MIRROR: 7}, OLD: {MIRROR: 1}}})

    assert releases_of("lockfile", mirrors=False) == [
        Release("0.2", NEXT, {}),
        Release("0.7", DAY, {DAY: 5, NEXT: 5}),
    ]
    assert releases_of("lockfile", mirrors=True) == [
        Release("0.2", NEXT, {NEXT: 1}),
        Release("0.7", DAY, {DAY: 5, NEXT: 12}),
    ]


def test_files_of_no_known_version_are_no_release() -> None:
    count_files(DAY, {"lockfile": {UNKNOWN: {PIP_311: 3}}})

    assert releases_of("lockfile", mirrors=False) == []


def test_release_of_long_ago_is_known_still() -> None:
    count_files(DAY, {"lockfile": {OLD: {PIP_311: 3}}})
    DownloadRecord.objects.update(details="")  # as a trim leaves it

    assert releases_of("lockfile", mirrors=False) == [Release("0.2", date.min, {})]


def test_nothing_is_known_where_files_are_not_told_apart() -> None:
    count_day(DAY, {"lockfile": {PIP_311: 3}})

    assert releases_of("lockfile", mirrors=False) == []


def test_subscription_begins_to_work_when_files_are_counted(client: Client) -> None:
    count_day(DAY, {"lockfile": {PIP_311: 3}})
    before = client.get(ADDRESS)["ETag"]
    count_files(NEXT, {"lockfile": {SDIST: {PIP_311: 5}}})

    after = client.get(ADDRESS, headers={"if-none-match": before})

    assert after["ETag"] == '"[lockfile][0.7][5]"'
    assert titles(client, ADDRESS) == ["Pypi statistics for [lockfile]"]


def test_day_counted_again_with_other_numbers_is_a_new_value(client: Client) -> None:
    count_files(DAY, {"lockfile": {SDIST: {PIP_311: 5}}})
    before = client.get(ADDRESS)["ETag"]

    count_files(DAY, {"lockfile": {SDIST: {PIP_311: 6}}})

    assert before == '"[lockfile][0.7][5]"'
    assert client.get(ADDRESS)["ETag"] == '"[lockfile][0.7][6]"'


@pytest.mark.usefixtures("_nothing_kept")
@pytest.mark.parametrize("days", [1, 3])
def test_queries_do_not_grow_with_values(
    client: Client, django_assert_num_queries: DjangoAssertNumQueries, days: int
) -> None:
    for number in range(days):
        day = DAY + timedelta(days=number)
        count_files(day, {"lockfile": {SDIST: {PIP_311: 5}, OLD: {PIP_311: 1}}})
    client.get(ADDRESS)  # so that the snapshot is taken

    with django_assert_num_queries(6):
        client.get(ADDRESS)
    assert len(titles(client, ADDRESS)) == days
