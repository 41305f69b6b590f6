"""The only writer of records, the ledger and its totals."""

import csv
import logging
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from django.db import connection, transaction
from django.db.models import BigIntegerField, Expression, F, Value
from django.db.models.functions import Cast, Concat, StrIndex, Substr
from django.utils import timezone

from packages.cells import (
    add_cells,
    day_mark,
    pack_cells,
    split_days,
    unpack_cells,
)
from packages.exceptions import (
    DayNotKeptError,
    FutureDayError,
    SampleAmongRealDaysError,
)
from packages.models import CountedDay, DownloadRecord, Generation, Package
from packages.models.downloads import SAMPLE_SOURCE, month_of
from packages.snapshot import first_kept_day

logger = logging.getLogger(__name__)

DEFINITION_CHANGED = date(2026, 8, 24)
"""PyPI's first day on which only wheels and sdists counted as downloads."""

TRIM_BATCH = 1000
_WRITERS_LOCK = 7_203_113


@dataclass(frozen=True, slots=True)
class PackedDay:
    """One UTC day, packed and on disk, so that storing it needs no one else.

    ``path`` is a CSV file without a header: normalized name, downloads, packed day; one
    row for each package, sorted by name.
    """

    day: date
    path: Path
    downloads: int
    packages: int
    cells: Mapping[int, int]
    largest: list[tuple[str, int]]


def replace_day(packed: PackedDay, source: str) -> CountedDay:
    """Make ``packed`` the whole truth about its day, in one transaction.

    Storing the same day twice leaves the same rows. Raise ``DayNotKeptError`` for a day
    before the kept ones and ``FutureDayError`` for one that has not begun; whatever is
    raised, the day stays as it was.
    """
    with transaction.atomic():
        _take_turns()
        before = check_day(packed.day, source)
        if _forget_sample(source):
            before = None
        counted_before = before is not None and before.counted_at is not None
        if counted_before:
            _take_out(packed.day)
        _append(packed)
        if counted_before:
            _remove_empty_records(month_of(packed.day))
        counted = _record(packed, source, before)
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

    Days that are not kept anyway stay out of it.
    """
    if not first_kept_day(today()) <= day <= today():
        return
    CountedDay.objects.get_or_create(
        day=day,
        defaults={
            "status": CountedDay.Status.MISSING,
            "definition": definition_on(day),
        },
    )


def today() -> date:
    return datetime.now(UTC).date()


def trim(
    *, dry_run: bool = False, on_batch: Callable[[int], object] = lambda _: None
) -> tuple[int, int]:
    """Remove the days before the kept ones; return how many days and records.

    Their downloads stay in the record, summed by client. A second run removes nothing;
    an interrupted one is finished by the next. ``on_batch`` is told of the records.
    """
    last = CountedDay.objects.last_shown()
    if last is None:
        return 0, 0
    first = first_kept_day(last.day)
    expired = CountedDay.objects.counted().filter(day__lt=first, trimmed_at=None)
    days, records = expired.count(), 0
    for batch in _expired_records(first):
        records += len(batch)
        if not dry_run:
            _trim_batch(batch, first)
        on_batch(len(batch))
    if days and not dry_run:
        with transaction.atomic():
            _take_turns()
            expired.update(cells="", largest=[], trimmed_at=timezone.now())
            Generation.rise()
    return days, records


def _take_turns() -> None:
    """Wait for other writers; SQLite's BEGIN IMMEDIATE has done so already."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_WRITERS_LOCK])


def _forget_sample(source: str) -> bool:
    """Remove every made-up number before the first real one is written."""
    made_up = CountedDay.objects.made_up()
    if source == SAMPLE_SOURCE or not made_up.exists():
        return False
    logger.info("Removing %s days of sample data", made_up.count())
    DownloadRecord.objects.all().delete()
    Package.objects.filter(tracked=False).delete()
    made_up.delete()
    return True


def _take_out(day: date) -> None:
    """Cut the packed day out of its month's records, and its downloads with it."""
    mark = day_mark(day.day)
    start = StrIndex("days", Value(mark))
    rest = Substr("days", start + len(mark))
    records = DownloadRecord.objects.filter(month=month_of(day))
    records.filter(days__contains=mark).update(
        downloads=F("downloads") - _leading_number(rest),
        days=Concat(
            Substr("days", 1, start - 1),
            Substr(rest, StrIndex(rest, Value("],")) + 2),
        ),
    )


def _leading_number(text: Expression) -> Expression:
    digits = Substr(text, 1, StrIndex(text, Value(",")) - 1)
    return Cast(digits, BigIntegerField())


def _append(packed: PackedDay) -> None:
    """Add the packed day to its month's records, making packages that are new."""
    month = month_of(packed.day)
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS incoming")
        cursor.execute(
            "CREATE TEMPORARY TABLE incoming"
            " (name varchar(255) PRIMARY KEY, downloads bigint, packed text)"
        )
        _load(cursor, packed.path)
        cursor.execute(_NEW_PACKAGES, [False, timezone.now()])
        cursor.execute(_APPEND, [month])
        cursor.execute("DROP TABLE incoming")


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

_APPEND = """
INSERT INTO packages_downloadrecord AS record
    (package_id, month, downloads, days, trimmed)
SELECT package.id, %s, incoming.downloads, incoming.packed, ''
FROM incoming
JOIN packages_package AS package ON package.normalized_name = incoming.name
WHERE incoming.downloads > 0
ON CONFLICT (package_id, month) DO UPDATE SET
    downloads = record.downloads + excluded.downloads,
    days = record.days || excluded.days
"""


def _load(cursor: Any, path: Path) -> None:
    if connection.vendor == "postgresql":
        with path.open(encoding="utf-8") as file, connection.wrap_database_errors:
            cursor.copy_expert("COPY incoming FROM STDIN (FORMAT csv)", file)
        cursor.execute("ANALYZE incoming")
    else:
        with path.open(encoding="utf-8", newline="") as file:
            cursor.executemany(
                "INSERT INTO incoming VALUES (%s, %s, %s)", csv.reader(file)
            )


def _record(packed: PackedDay, source: str, before: CountedDay | None) -> CountedDay:
    now = timezone.now()
    over = packed.day < today()
    status = CountedDay.Status.COMPLETE if over else CountedDay.Status.PARTIAL
    values = {
        "status": status,
        "source": source,
        "definition": definition_on(packed.day),
        "downloads": packed.downloads,
        "packages": packed.packages,
        "cells": pack_cells(packed.cells),
        "largest": packed.largest,
        "counted_at": now,
        "first_counted_at": (before and before.first_counted_at) or now,
        "revisions": _revisions(packed, source, before),
    }
    return CountedDay.objects.update_or_create(day=packed.day, defaults=values)[0]


def _revisions(
    packed: PackedDay, source: str, before: CountedDay | None
) -> list[dict[str, Any]]:
    if before is None or before.counted_at is None:
        return []
    if before.downloads == packed.downloads and before.packages == packed.packages:
        return list(before.revisions)
    revision = {
        "at": timezone.now().isoformat(timespec="seconds"),
        "source": source,
        "downloads": [before.downloads, packed.downloads],
        "packages": [before.packages, packed.packages],
    }
    return [*before.revisions, revision]


def definition_on(day: date) -> CountedDay.Definition:
    """Name what counted as a download on PyPI on ``day``."""
    definitions = CountedDay.Definition
    return definitions.ARTIFACTS if day >= DEFINITION_CHANGED else definitions.ALL_FILES


def _expired_records(first: date) -> Iterator[list[DownloadRecord]]:
    """Batches of the records that hold a day before ``first``."""
    held = DownloadRecord.objects.exclude(days="").filter(month__lte=month_of(first))
    last_id = 0
    while batch := list(held.filter(id__gt=last_id).order_by("id")[:TRIM_BATCH]):
        last_id = batch[-1].id
        if expired := [record for record in batch if _split(record, first)[1]]:
            yield expired


def _split(record: DownloadRecord, first: date) -> tuple[str, dict[int, int]]:
    same_month = record.month == month_of(first)
    return split_days(record.days, first.day - 1 if same_month else 31)


def _trim_batch(batch: list[DownloadRecord], first: date) -> None:
    with transaction.atomic():
        _take_turns()
        ids = [record.id for record in batch]
        records = list(DownloadRecord.objects.filter(id__in=ids))
        for record in records:
            record.days, cut = _split(record, first)
            record.trimmed = pack_cells(add_cells(unpack_cells(record.trimmed), cut))
        DownloadRecord.objects.bulk_update(records, ["days", "trimmed"], batch_size=200)
