"""Which packages' days a later count moved, and when: for those who follow them.

A day's total of all packages tells nothing of one: it can stay while that one moves,
and move by what happened to another.
"""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime

from django.db import connection
from django.utils import timezone

from packages.models import CountedDay, RecountedPackage
from packages.models.downloads import month_of
from packages.statements import Statement, in_utc

LEAST_PART = 100
"""A re-count is told of once it moves a day's total by one part in so many."""


@dataclass(frozen=True, slots=True)
class Recount:
    """A day's total before and after, mirrors included."""

    at: datetime
    before: int
    after: int


@contextmanager
def noting_recounts(before: CountedDay | None, counted_for: str) -> Iterator[None]:
    """Note the packages whose records are given other numbers of the day meanwhile.

    Runs inside the day's transaction, while ``counted`` holds the new numbers.
    ``before`` is what the ledger has of the day; one that was not over only grew. Of a
    day that is counted for other packages than before, those are not noted that it
    brings: they may be all of them.
    """
    if before is None or not before.is_over:
        yield
        return
    values: dict[str, str | int | date] = {
        "day": before.day,
        "month": month_of(before.day),
        "at": timezone.now(),
        "least_held": int(before.counted_for != counted_for),
        "part": LEAST_PART,
    }
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS held")
        cursor.execute(_HELD, values)
        if connection.vendor == "postgresql":
            cursor.execute("ANALYZE held")
        yield
        cursor.execute(_NOTE, values)
        cursor.execute("DROP TABLE held")


def recounts_of(packages: Collection[str]) -> dict[str, dict[date, Recount]]:
    """Return the noted days of these packages, in one query; none for most of them."""
    found: dict[str, dict[date, Recount]] = {}
    if len(packages) == 1:
        return {name: _of_one(name) for name in packages}
    if not packages:
        return found
    sql = _OF_PACKAGES.format(names=", ".join(["%s"] * len(packages)))
    for row in RecountedPackage.objects.raw(sql, list(packages)):
        recount = Recount(row.recounted_at, row.downloads_before, row.downloads_after)
        found.setdefault(row.name, {})[row.day] = recount
    return found


def _of_one(package: str) -> dict[date, Recount]:
    return {
        day: Recount(in_utc(at), before, after)
        for day, at, before, after in _OF_ONE_PACKAGE.rows(package)
    }


# By hand: every feed of a package asks it, and finds nothing.
_OF_ONE_PACKAGE = Statement(
    "recounts_of_package",
    """
SELECT day, recounted_at, downloads_before, downloads_after
FROM packages_recountedpackage
WHERE package_id = (SELECT id FROM packages_package WHERE normalized_name = %s)
""",
)

_OF_PACKAGES = """
SELECT noted.*, package.normalized_name AS name
FROM packages_recountedpackage AS noted
JOIN packages_package AS package ON package.id = noted.package_id
WHERE package.normalized_name IN ({names})
"""

_HELD = """
CREATE TEMPORARY TABLE held AS
SELECT package_id, downloads FROM packages_downloadrecord WHERE month = %(month)s
"""

# A month's total moves as its day does, and is read more quickly than the packed days.
# A total that was told is measured from, so that what follows it adds up.
_NOTE = """
INSERT INTO packages_recountedpackage
    (package_id, day, recounted_at, downloads_before, downloads_after)
SELECT package_id, %(day)s, %(at)s, told, found
FROM (
    SELECT moved.package_id, moved.found,
        coalesce(noted.downloads_after, moved.found - moved.change) AS told
    FROM (
        SELECT package_id, sum(found) AS found, sum(moved) AS change
        FROM (
            SELECT package_id, 0 AS found, -downloads AS moved FROM held
            UNION ALL
            SELECT package_id, 0, downloads FROM packages_downloadrecord
            WHERE month = %(month)s
            UNION ALL
            SELECT package_id, downloads, 0 FROM counted
        ) AS parts
        GROUP BY package_id
        HAVING sum(moved) <> 0 AND sum(found) - sum(moved) >= %(least_held)s
    ) AS moved
    LEFT JOIN packages_recountedpackage AS noted
        ON noted.package_id = moved.package_id AND noted.day = %(day)s
) AS judged
WHERE told <> found AND abs(found - told) * %(part)s >= told
ON CONFLICT (package_id, day) DO UPDATE SET
    recounted_at = excluded.recounted_at,
    downloads_before = excluded.downloads_before,
    downloads_after = excluded.downloads_after
"""
