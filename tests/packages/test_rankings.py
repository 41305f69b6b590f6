"""Rankings before any day, and how the database finds a prefix."""

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from packages import bulk, rankings, snapshot
from packages.headline import Period
from packages.models import Package
from packages.rankings import By, Found, Place
from packages.stats import Recent
from tests.factories import PIP_311, count_day

pytestmark = pytest.mark.django_db
DAY = date(2026, 11, 18)
NOTHING = Recent(0, 0, 0, None)


def test_nothing_is_counted_yet() -> None:
    Package.objects.create(normalized_name="new")

    assert rankings.top(snapshot.current(), Period.WEEK, By.RISE, 5) == []
    assert rankings.listed(snapshot.current(), 5) == [Found("new", NOTHING)]
    assert bulk.recents_of(["new"], mirrors=True) == {"new": NOTHING}


def test_ranking_is_worked_out_once_for_a_generation() -> None:
    count_day(DAY, {"django": {PIP_311: 1}, "flask": {PIP_311: 2}})
    first = rankings.top(snapshot.current(), Period.DAY, By.DOWNLOADS, 1)

    with CaptureQueriesContext(
        connection,
    ) as queries:
        both = rankings.top(snapshot.current(), Period.DAY, By.DOWNLOADS, 2)

    assert [row.package for row in first] == ["flask"]
    assert [row.package for row in both] == ["flask", "django"]
    assert len(queries) == 1


@pytest.mark.parametrize("limit", [1, 2, 3, 4])
@pytest.mark.parametrize("well_known", [0, 1, 2, 9])
def test_search_finds_the_same_wherever_it_looks(
    monkeypatch: pytest.MonkeyPatch, limit: int, well_known: int
) -> None:
    monkeypatch.setattr(rankings, "WELL_KNOWN", well_known)
    count_day(DAY, {"p": {PIP_311: 1}, "p1": {PIP_311: 9}, "p2": {PIP_311: 1}, "q": {}})
    Package.objects.create(normalized_name="p-quiet")

    found = [row.package for row in rankings.named(snapshot.current(), "p", limit)]

    assert found == ["p1", "p", "p2", "p-quiet"][:limit]


def test_short_prefixes_need_no_search() -> None:
    count_day(DAY, {"django": {PIP_311: 1}, "dask": {PIP_311: 2}})
    rankings.named(snapshot.current(), "d", 2)

    with CaptureQueriesContext(connection) as queries:
        found = rankings.named(snapshot.current(), "d", 2)

    assert [row.package for row in found] == ["dask", "django"]
    assert ["generation" in query["sql"] for query in queries] == [True]


@pytest.mark.skipif(connection.vendor != "postgresql", reason="PostgreSQL's planner")
@pytest.mark.parametrize("after", [None, Place("pkg-99", 3)])
def test_prefix_is_found_through_an_index(after: Place | None) -> None:
    Package.objects.bulk_create(
        Package(normalized_name=f"pkg-{number}") for number in range(5000)
    )
    with CaptureQueriesContext(connection) as queries, connection.cursor() as cursor:
        cursor.execute("ANALYZE packages_package, packages_standing")
        rankings.named(snapshot.current(), "pkg-123", 20, after)
        found = next(query["sql"] for query in queries if " LIKE " in query["sql"])
        cursor.execute(f"EXPLAIN {found}")
        plan = " ".join(row[0] for row in cursor.fetchall())

    assert "Index Scan using packages_package_normalized_name" in plan
    assert "_like" in plan
    assert "Seq Scan on packages_package" not in plan
