"""What happens to records once their days are counted: settled, reopened, trimmed.

All of it in batches, each a transaction of its own, so that neither readers nor the
next day wait; an interrupted run is finished by the next.
"""

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from packages.cells import (
    SETTLED_MARK,
    add_cells,
    pack_cells,
    reopen,
    settle,
    split_days,
    unpack_cells,
)
from packages.models import CountedDay, DownloadRecord, Generation
from packages.models.downloads import month_of
from packages.snapshot import first_kept_day
from packages.turns import take_turns

BATCH = 2000
SETTLES_AFTER = 10
"""Days after a month's end until which its days are expected to be counted again."""

OnBatch = Callable[[int], object]


def settle_months(on_batch: OnBatch = lambda _: None) -> int:
    """Pack the months that have settled by client; return how many records."""
    last = CountedDay.objects.last_shown()
    if last is None:
        return 0
    open_month = month_of(last.day - timedelta(days=SETTLES_AFTER))
    open_ones = (
        DownloadRecord.objects.filter(month__lt=open_month)
        .exclude(days="")
        .exclude(days__startswith=SETTLED_MARK)
    )
    return _repack(open_ones, settle, on_batch)


def reopen_month(month: date) -> int:
    """Make a settled month one whose days can be replaced; return how many records.

    No figure changes, so it is no part of the transaction that counts the day.
    """
    settled = DownloadRecord.objects.filter(month=month, days__startswith=SETTLED_MARK)
    return _repack(settled, reopen, lambda _: None)


def _repack(records: Any, pack: Callable[[str], str], on_batch: OnBatch) -> int:
    done = last_id = 0
    while ids := _next_ids(records, last_id):
        with transaction.atomic():
            take_turns()
            held = DownloadRecord.objects.filter(id__in=ids)
            rows = held.order_by("id").values_list("id", "days")
            _write_days([(row, pack(days)) for row, days in rows])
        last_id = ids[-1]
        done += len(ids)
        on_batch(len(ids))
    return done


def _next_ids(records: Any, last_id: int) -> list[int]:
    following = records.filter(id__gt=last_id).order_by("id")
    return list(following.values_list("id", flat=True)[:BATCH])


def _write_days(rows: list[tuple[int, str]]) -> None:
    with connection.cursor() as cursor:
        cursor.executemany(
            "UPDATE packages_downloadrecord SET days = %s WHERE id = %s",
            [(days, row) for row, days in rows],
        )


def trim(
    *, dry_run: bool = False, on_batch: OnBatch = lambda _: None
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
            take_turns()
            expired.update(cells="", largest=[], trimmed_at=timezone.now())
            Generation.rise()
    return days, records


def _expired_records(first: date) -> Iterator[list[DownloadRecord]]:
    """Batches of the records that hold a day before ``first``."""
    held = DownloadRecord.objects.exclude(days="").filter(month__lte=month_of(first))
    last_id = 0
    while batch := list(held.filter(id__gt=last_id).order_by("id")[:BATCH]):
        last_id = batch[-1].id
        if expired := [record for record in batch if _split(record, first)[1]]:
            yield expired


def _split(record: DownloadRecord, first: date) -> tuple[str, dict[int, int]]:
    same_month = record.month == month_of(first)
    return split_days(record.days, first.day - 1 if same_month else 31)


def _trim_batch(batch: list[DownloadRecord], first: date) -> None:
    with transaction.atomic():
        take_turns()
        ids = [record.id for record in batch]
        records = list(DownloadRecord.objects.filter(id__in=ids))
        for record in records:
            record.days, cut = _split(record, first)
            record.trimmed = pack_cells(add_cells(unpack_cells(record.trimmed), cut))
        DownloadRecord.objects.bulk_update(records, ["days", "trimmed"], batch_size=200)
