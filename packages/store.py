"""The only writer of records, the ledger and its totals."""

import csv
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from packages import details, recents
from packages.cells import day_mark, pack_cells
from packages.events import revisions
from packages.exceptions import (
    DayNotKeptError,
    FutureDayError,
    SampleAmongRealDaysError,
)
from packages.incidents import status_when_over
from packages.models import (
    CountedDay,
    DownloadRecord,
    Generation,
    Package,
    RecountedPackage,
)
from packages.models.downloads import month_of
from packages.models.ledger import SAMPLE_SOURCE
from packages.packed_day import Found, PackedDay, definition_on
from packages.recounts import noting_recounts
from packages.snapshot import first_kept_day
from packages.turns import take_turns
from packages.upkeep import reopen_month

logger = logging.getLogger(__name__)


def replace_day(
    packed: PackedDay, source: str, found: Found | None = None
) -> CountedDay:
    """Make ``packed`` the whole truth about its day, in one transaction.

    Storing the same day twice leaves the same rows, and the generation as it was. Raise
    ``DayNotKeptError`` for a day before the kept ones and ``FutureDayError`` for one
    that has not begun; whatever is raised, the day stays as it was.
    """
    fingerprint = packed.fingerprint()
    found = found or Found(definition_on(packed.day))
    before = check_day(packed.day, source)
    if before and before.holds(fingerprint, found.counted_for):
        return before
    reopen_month(month_of(packed.day))
    with transaction.atomic():
        take_turns()
        before = check_day(packed.day, source)
        if _forget_sample(source):
            before = None
        if before and before.holds(fingerprint, found.counted_for):
            return before
        reopen_month(month_of(packed.day))  # what has settled since
        counted_before = before is not None and before.counted_at is not None
        with _incoming(packed):
            with noting_recounts(before, found.counted_for):
                _write_records(packed.day, counted_before=counted_before)
            details.write_day(packed.day, packed.files, counted_before=counted_before)
            counted = _record(packed, source, before, fingerprint, found)
            revisions.note_moves(before, counted, packed.people_rule)
            recents.add_day(
                packed.day, packed.people_rule, counted_before=counted_before
            )
        Generation.rise()
    return counted


def check_day(day: date, source: str) -> CountedDay | None:
    """Return what the ledger has of ``day``; raise when it cannot be counted."""
    if day > today():
        raise FutureDayError(day)
    ledger = CountedDay.objects.comparable_with(source)
    if source == SAMPLE_SOURCE and CountedDay.objects.counted().real().exists():
        raise SampleAmongRealDaysError
    last = ledger.last_shown()
    before = ledger.filter(day=day).first()
    first = first_kept_day(last.day) if last else day
    if day < first or (before and before.trimmed_at):
        raise DayNotKeptError(day, first)
    return before


def mark_missing(day: date) -> None:
    """Put a day that could not be counted into the ledger, unless it is there.

    Days that are not kept anyway, or not over yet, stay out of it.
    """
    if not first_kept_day(today()) <= day < today():
        return
    fresh = {"status": CountedDay.Status.MISSING, "definition": definition_on(day)}
    with transaction.atomic():
        _, created = CountedDay.objects.get_or_create(day=day, defaults=fresh)
        if created:  # the ledger is public too
            Generation.rise()


def today() -> date:
    return datetime.now(UTC).date()


def _forget_sample(source: str) -> bool:
    """Remove every made-up number before the first real one is written."""
    made_up = CountedDay.objects.made_up()
    if source == SAMPLE_SOURCE or not made_up.exists():
        return False
    logger.info("Removing %s days of sample data", made_up.count())
    DownloadRecord.objects.all().delete()
    RecountedPackage.objects.all().delete()
    Package.objects.filter(tracked=False).delete()
    made_up.delete()
    recents.forget()
    return True


@contextmanager
def _incoming(packed: PackedDay) -> Iterator[None]:
    """Hold the packed day in the table ``counted``, by package, and make new packages.

    Raise ``IntegrityError`` for a package that is there twice.
    """
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS incoming")
        cursor.execute("DROP TABLE IF EXISTS counted")
        cursor.execute(
            "CREATE TEMPORARY TABLE incoming"
            " (name varchar(255), downloads bigint, people bigint, packed text)"
        )
        _load(cursor, packed.path)
        cursor.execute(_NEW_PACKAGES, [False, timezone.now()])
        cursor.execute(_COUNTED)
        cursor.execute("CREATE UNIQUE INDEX counted_once ON counted (package_id)")
        cursor.execute("DROP TABLE incoming")
        _analyze(cursor, "counted")
        yield
        cursor.execute("DROP TABLE counted")


def _write_records(day: date, *, counted_before: bool) -> None:
    """Add the day to its month's records, in place of what they had of it."""
    month, mark = month_of(day), day_mark(day.day)
    find = "strpos" if connection.vendor == "postgresql" else "instr"
    with connection.cursor() as cursor:
        if not counted_before:
            cursor.execute(_APPEND.format(where=""), [month])
            return
        values: dict[str, str | int | date] = {
            "mark": mark,
            "length": len(mark),
            "month": month,
        }
        cursor.execute(_REPLACE.format(find=find), values)
        where = _NOT_REPLACED.format(find=find)
        cursor.execute(_APPEND.format(where=where), [month, month, mark])
    _remove_empty_records(month)


def _remove_empty_records(month: date) -> None:
    """Remove the records of packages that the day was all they had."""
    empty = DownloadRecord.objects.filter(month=month, days="", trimmed="", downloads=0)
    empty.delete()


_NEW_PACKAGES = """
INSERT INTO packages_package (normalized_name, tracked, added_at)
SELECT name, %s, %s FROM incoming
LEFT JOIN packages_package AS known ON known.normalized_name = name
WHERE known.id IS NULL
ON CONFLICT DO NOTHING
"""

# In the order of packages, so that the records' index is written from left to right.
_COUNTED = """
CREATE TEMPORARY TABLE counted AS
SELECT package.id AS package_id, incoming.downloads, incoming.people, incoming.packed
FROM incoming
JOIN packages_package AS package ON package.normalized_name = incoming.name
WHERE incoming.downloads > 0
ORDER BY package.id
"""

_APPEND = """
INSERT INTO packages_downloadrecord AS record
    (package_id, month, downloads, days, trimmed)
SELECT package_id, %s, downloads, packed, ''
FROM counted WHERE true {where}
ORDER BY package_id
ON CONFLICT (package_id, month) DO UPDATE SET
    downloads = record.downloads + excluded.downloads,
    days = record.days || excluded.days
"""

_NOT_REPLACED = """
AND NOT EXISTS (
    SELECT 1 FROM packages_downloadrecord AS held
    WHERE held.package_id = counted.package_id AND held.month = %s
    AND {find}(held.days, %s) > 0
)
"""

# One update takes the old day out of a record and puts the new one in, if there is one.
# A packed day begins with its mark and its total, and ends with the next "],".
_REPLACE = """
UPDATE packages_downloadrecord AS record SET
    downloads = record.downloads + coalesce(counted.downloads, 0)
        - cast(substr(tail, 1, {find}(tail, ',') - 1) AS bigint),
    days = head || substr(tail, {find}(tail, '],') + 2) || coalesce(packed, '')
FROM (
    SELECT id, package_id, substr(days, 1, start - 1) AS head,
        substr(days, start + %(length)s) AS tail
    FROM (
        SELECT id, package_id, days, {find}(days, %(mark)s) AS start
        FROM packages_downloadrecord WHERE month = %(month)s
    ) AS found WHERE start > 0
) AS old LEFT JOIN counted ON counted.package_id = old.package_id
WHERE record.id = old.id
"""


def _load(cursor: Any, path: Path) -> None:
    if connection.vendor == "postgresql":
        with path.open(encoding="utf-8") as file, connection.wrap_database_errors:
            cursor.copy_expert("COPY incoming FROM STDIN (FORMAT csv)", file)
    else:
        with path.open(encoding="utf-8", newline="") as file:
            cursor.executemany(
                "INSERT INTO incoming VALUES (%s, %s, %s, %s)", csv.reader(file)
            )
    _analyze(cursor, "incoming")


def _analyze(cursor: Any, table: str) -> None:
    """Tell PostgreSQL how large a new table is; it would guess, and join badly."""
    if connection.vendor == "postgresql":
        cursor.execute(f"ANALYZE {table}")


def _record(
    packed: PackedDay,
    source: str,
    before: CountedDay | None,
    fingerprint: str,
    found: Found,
) -> CountedDay:
    now = timezone.now()
    over = packed.day < (found.read_on or today())
    status = status_when_over(packed.day, source) if over else CountedDay.Status.PARTIAL
    checks = [str(check) for check in found.checks]
    values = {
        "status": status,
        "source": source,
        "definition": found.definition,
        "downloads": packed.downloads,
        "packages": packed.packages,
        "cells": pack_cells(packed.cells),
        "largest": packed.largest,
        "counted_at": now,
        "fingerprint": fingerprint,
        "counted_for": found.counted_for,
        "first_counted_at": (before and before.first_counted_at) or now,
        "revisions": before.revised(
            packed.downloads,
            packed.packages,
            source,
            checks,
            fingerprint,
            found.counted_for,
        )
        if before
        else [],
        "checks": checks,
    }
    return CountedDay.objects.update_or_create(day=packed.day, defaults=values)[0]
