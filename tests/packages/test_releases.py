"""Sums by version and by file follow the mirror list, and the days that are shown."""

from datetime import date, timedelta

import pytest
from pytest_django import DjangoAssertNumQueries, Settings

from packages import releases, snapshot
from packages.exceptions import UnknownMirrorListError, UnknownPackageError
from packages.models import MirrorEntry, MirrorList
from packages.releases import FileDownloads, version_order
from packages.stats import Row, rows_of
from tests.factories import (
    MALFORMED,
    MIRROR,
    PIP_311,
    UNNAMED,
    UV_CI,
    count_day,
    count_files,
)

pytestmark = pytest.mark.django_db
DAY, NEXT = date(2026, 11, 18), date(2026, 11, 19)
FILES = {
    ("b-1.9.whl", "1.9"): {PIP_311: 10, UV_CI: 1, MIRROR: 100},
    ("b-1.10.whl", "1.10"): {PIP_311: 20, UNNAMED: 1000, MALFORMED: 10_000},
    ("b-1.10.tar.gz", "1.10"): {UV_CI: 3},
    ("", ""): {PIP_311: 4},
}


def by_version(mirror_list: str | None = None) -> dict[str, int]:
    rows = rows_of(releases.of_package("b", mirror_list).by_version())
    return {row.category: row.downloads for row in rows}


def test_default_list_is_the_rule_of_pypistats_org() -> None:
    count_files(DAY, {"b": FILES})

    found = releases.of_package("B")

    assert rows_of(found.by_version()) == [
        Row("1.9", DAY, 11),
        Row("1.10", DAY, 23),
        Row("null", DAY, 4),
    ]
    assert found.by_file() == [
        FileDownloads("b-1.9.whl", "1.9", 11),
        FileDownloads("b-1.10.tar.gz", "1.10", 3),
        FileDownloads("b-1.10.whl", "1.10", 20),
        FileDownloads("", "", 4),
    ]
    assert [row.downloads for row in found.by_file(mirrors=True)] == [111, 3, 1020, 4]


def test_every_list_judges_files() -> None:
    count_files(DAY, {"b": FILES})

    assert by_version("everything") == {"1.9": 111, "1.10": 11_023, "null": 4}


def test_entry_that_ends_holds_for_its_days() -> None:
    count_files(DAY, {"b": FILES})
    count_files(NEXT, {"b": FILES})
    own = MirrorList.objects.create(name="own", counts_unnamed=False)
    MirrorEntry.objects.create(mirror_list=own, installer="uv", valid_from=NEXT)
    snapshot.refreshed()

    rows = rows_of(releases.of_package("b", "own").by_version())

    assert [row for row in rows if row.category == "1.9"] == [
        Row("1.9", DAY, 111),
        Row("1.9", NEXT, 110),
    ]


def test_days_between() -> None:
    for age in range(3):
        count_files(
            DAY - timedelta(days=age), {"b": {("b.whl", "1"): {PIP_311: age + 1}}}
        )

    found = releases.of_package("b", since=DAY - timedelta(days=1))

    assert [row.downloads for row in rows_of(found.by_version())] == [2, 1]
    assert [row.downloads for row in rows_of(found.between(DAY, DAY).by_version())] == [
        1
    ]
    assert rows_of(found.between(NEXT, NEXT).by_version()) == []


def test_expired_day_is_not_shown_before_the_trim(settings: Settings) -> None:
    settings.RETENTION_DAYS = 30
    count_files(DAY - timedelta(days=30), {"b": FILES})
    count_day(DAY, {"b": {PIP_311: 1}})

    assert rows_of(releases.of_package("b").by_version()) == []
    assert releases.of_package("b").versions() == ["1.9", "1.10", "null"]


def test_client_of_a_day_counted_meanwhile_is_known(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    count_files(DAY, {"b": {("b.whl", "1"): {PIP_311: 1}}})
    old = snapshot.current()
    assert old.newest_client > 0
    count_files(DAY, {"b": {("b.whl", "1"): {UV_CI: 2}}})
    monkeypatch.setattr(snapshot, "current", lambda: old)

    assert by_version() == {"1": 2}


def test_unknown_names() -> None:
    count_files(DAY, {"b": FILES})

    with pytest.raises(UnknownPackageError):
        releases.of_package("nobody")
    with pytest.raises(UnknownMirrorListError):
        releases.of_package("b", "nobody")


def test_versions_sort_by_number_and_others_last() -> None:
    versions = ["null", "2004-beta-x", "1.10", "1.9", "1.10rc1", "1!0.1", "1.10+cpu"]

    assert sorted(versions, key=version_order) == [
        *("1.9", "1.10rc1", "1.10", "1.10+cpu", "1!0.1"),
        *("2004-beta-x", "null"),
    ]


def test_any_number_of_days_costs_the_same_queries(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    for days in (1, 3):
        for age in range(days):
            count_files(DAY - timedelta(days=40 * age), {"b": FILES})
        releases.of_package("b").by_version()

        with django_assert_num_queries(5):
            releases.of_package("b").by_version()
