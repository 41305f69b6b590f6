"""Which packages' days a later count moved, and when: for those who follow them.

A day's total of all packages tells nothing of one: it can stay while that one moves,
and move by what happened to another.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from django.db import connection
from django.utils import timezone

from packages.cells import day_mark
from packages.models import CountedDay, RecountedPackage
from packages.models.downloads import month_of

LEAST_PART = 100
"""A re-count is told of once it moves a day's total by one part in so many."""


@dataclass(frozen=True, slots=True)
class Recount:
    """A day's total before and after, mirrors included."""

    at: datetime
    before: int
    after: int


def note_recounts(before: CountedDay | None, counted_for: str) -> None:
    """Note the packages of which ``counted`` holds other numbers than their records.

    Runs inside the day's transaction, before the records are written. ``before`` is
    what the ledger has of the day; one that was not over only grew. Of a day that is
    counted for other packages than before, those are not noted that it brings: they may
    be all of them.
    """
    if before is None or not before.is_over:
        return
    day, mark = before.day, day_mark(before.day.day)
    values: dict[str, str | int | date] = {
        "day": day,
        "least_held": int(before.counted_for != counted_for),
        "at": timezone.now(),
        "month": month_of(day),
        "mark": mark,
        "length": len(mark),
        "part": LEAST_PART,
    }
    find = "strpos" if connection.vendor == "postgresql" else "instr"
    with connection.cursor() as cursor:
        cursor.execute(_NOTE.format(find=find), values)


def recounts_of(packages: Collection[str]) -> dict[str, dict[date, Recount]]:
    """Return the noted days of these packages, in one query; none for most of them."""
    found: dict[str, dict[date, Recount]] = {}
    if not packages:
        return found
    sql = _OF_PACKAGES.format(names=", ".join(["%s"] * len(packages)))
    for row in RecountedPackage.objects.raw(sql, list(packages)):
        recount = Recount(row.recounted_at, row.downloads_before, row.downloads_after)
        found.setdefault(row.name, {})[row.day] = recount
    return found


# The ORM takes four times as long to make this query as both need to run it, and every
# feed of a package asks it.
_OF_PACKAGES = """
SELECT noted.*, package.normalized_name AS name
FROM packages_recountedpackage AS noted
JOIN packages_package AS package ON package.id = noted.package_id
WHERE package.normalized_name IN ({names})
"""

# A total that was told is measured from, so that what follows it adds up. So many
# characters after its mark hold a packed day's total and the comma behind it.
_NOTE = """
INSERT INTO packages_recountedpackage
    (package_id, day, recounted_at, downloads_before, downloads_after)
SELECT package_id, %(day)s, %(at)s, told, found
FROM (
    SELECT moved.package_id, moved.found,
        coalesce(noted.downloads_after, moved.held) AS told
    FROM (
        SELECT package_id, sum(held) AS held, sum(found) AS found
        FROM (
            SELECT package_id, 0 AS found,
                cast(substr(tail, 1, {find}(tail, ',') - 1) AS bigint) AS held
            FROM (
                SELECT package_id,
                    substr(days, {find}(days, %(mark)s) + %(length)s, 20) AS tail
                FROM packages_downloadrecord
                WHERE month = %(month)s AND {find}(days, %(mark)s) > 0
            ) AS tails
            UNION ALL
            SELECT package_id, downloads, 0 FROM counted
        ) AS either
        GROUP BY package_id
        HAVING sum(held) <> sum(found) AND sum(held) >= %(least_held)s
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
