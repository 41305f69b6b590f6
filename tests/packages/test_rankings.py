"""Rankings before any day, and how the database finds a prefix."""

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from packages import bulk, rankings
from packages.models import Package
from packages.rankings import By, Found, Period, Place
from packages.stats import Recent
from tests.factories import PIP_311, count_day

pytestmark = pytest.mark.django_db
DAY = date(2026, 11, 18)
NOTHING = Recent(0, 0, 0, None)


def test_nothing_is_counted_yet() -> None:
    Package.objects.create(normalized_name="new")

    assert rankings.top(Period.WEEK, By.RISE, 5) == []
    assert rankings.listed(5) == [Found("new", NOTHING)]
    assert bulk.recents_of(["new"], mirrors=True) == {"new": NOTHING}


def test_ranking_is_worked_out_once_for_a_generation() -> None:
    count_day(DAY, {"django": {PIP_311: 1}, "flask": {PIP_311: 2}})
    first = rankings.top(Period.DAY, By.DOWNLOADS, 1)

    with CaptureQueriesContext(
        connection,
    ) as queries:
        both = rankings.top(Period.DAY, By.DOWNLOADS, 2)

    assert [row.package for row in first] == ["flask"]
    assert [row.package for row in both] == ["flask", "django"]
    assert len(queries) == 1


@pytest.mark.skipif(connection.vendor != "postgresql", reason="PostgreSQL's planner")
@pytest.mark.parametrize("after", [None, Place("pkg-99", 3)])
def test_prefix_is_found_through_an_index(after: Place | None) -> None:
    Package.objects.bulk_create(
        Package(normalized_name=f"pkg-{number}") for number in range(5000)
    )
    with CaptureQueriesContext(connection) as queries, connection.cursor() as cursor:
        cursor.execute("ANALYZE packages_package, packages_standing")
        rankings.named("pkg-123", 20, after)
        found = next(query["sql"] for query in queries if "LIKE" in query["sql"])
        cursor.execute(f"EXPLAIN {found}")
        plan = " ".join(row[0] for row in cursor.fetchall())

    assert "Index Scan using packages_package_normalized_name" in plan
    assert "_like" in plan
    assert "Seq Scan on packages_package" not in plan
