"""What happens to records once their days are counted: settled, reopened, trimmed.

All of it in batches, each a transaction of its own, so that neither readers nor the
next day wait; an interrupted run is finished by the next.
"""

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from itertools import chain

from django.db import connection, transaction
from django.db.models import QuerySet
from django.utils import timezone

from packages.cells import (
    add_cells,
    pack_cells,
    pack_sums,
    reopen,
    settle,
    sum_by_client,
    unpack_cells,
)
from packages.models import CountedDay, DownloadRecord, Generation, RecountedPackage
from packages.models.downloads import month_of
from packages.snapshot import first_kept_day
from packages.turns import take_turns

BATCH = 500
SETTLES_AFTER = 10
"""Days after a month's end until which its days are expected to be counted again."""

OnBatch = Callable[[int], object]


def settle_months(on_batch: OnBatch = lambda _: None) -> int:
    """Pack the months that have settled by client; return how many records."""
    last = CountedDay.objects.last_shown()
    if last is None:
        return 0
    open_month = month_of(last.day - timedelta(days=SETTLES_AFTER))
    months = DownloadRecord.objects.filter(month__lt=open_month, settled=False)
    return _repack(months.exclude(days=""), settle, on_batch, settled=True)


def reopen_month(month: date) -> int:
    """Make a settled month one whose days can be replaced; return how many records.

    No figure changes, so most of it needs no part in the transaction that counts a day.
    """
    settled = DownloadRecord.objects.filter(month=month, settled=True)
    return _repack(settled, reopen, settled=False)


def _repack(
    records: QuerySet[DownloadRecord],
    pack: Callable[[str], str],
    on_batch: OnBatch = lambda _: None,
    *,
    settled: bool,
) -> int:
    def write(ids: list[int]) -> None:
        held = records.filter(id__in=ids).values_list("id", "days", "details")
        rows = [(row, pack(days), pack(files), settled) for row, days, files in held]
        _update(["days", "details", "settled"], rows)

    return _in_batches(records, write, on_batch)


def _in_batches(
    records: QuerySet[DownloadRecord],
    write: Callable[[list[int]], None],
    on_batch: OnBatch,
) -> int:
    done = last_id = 0
    while ids := _next_ids(records, last_id):
        with transaction.atomic():
            take_turns()
            write(ids)
        last_id = ids[-1]
        done += len(ids)
        on_batch(len(ids))
    return done


def _next_ids(records: QuerySet[DownloadRecord], last_id: int) -> list[int]:
    following = records.filter(id__gt=last_id).order_by("id")
    return list(following.values_list("id", flat=True)[:BATCH])


def _update(columns: list[str], rows: Sequence[tuple[int | str, ...]]) -> None:
    """Set the columns of records, given as rows of an id and values, at one go."""
    if not rows:
        return
    row = f"({', '.join(['%s'] * (1 + len(columns)))})"
    sql = _UPDATE.format(
        columns=", ".join(columns),
        rows=", ".join([row] * len(rows)),
        values=", ".join(f"{column} = new.{column}" for column in columns),
    )
    with connection.cursor() as cursor:
        cursor.execute(sql, list(chain.from_iterable(rows)))


_UPDATE = """
WITH new (id, {columns}) AS (VALUES {rows})
UPDATE packages_downloadrecord AS record SET {values}
FROM new WHERE record.id = new.id
"""


def trim(
    *, dry_run: bool = False, on_batch: OnBatch = lambda _: None
) -> tuple[int, int]:
    """Remove the days before the kept ones; return how many days and records.

    A day goes for every reader at once, by its mark in the ledger. Records are cleared
    a month at a time, when the last day of it has gone; their downloads stay, summed by
    client. A second run removes nothing; an interrupted one is finished by the next.
    """
    last = CountedDay.objects.last_shown()
    if last is None:
        return 0, 0
    first = first_kept_day(last.day)
    expired = CountedDay.objects.counted().filter(day__lt=first, trimmed_at=None)
    days = expired.count()
    if days and not dry_run:
        with transaction.atomic():
            take_turns()
            expired.update(cells="", largest=[], trimmed_at=timezone.now())
            RecountedPackage.objects.filter(day__lt=first).delete()
            Generation.rise()
    past = DownloadRecord.objects.filter(month__lt=month_of(first)).exclude(days="")
    if dry_run:
        return days, past.count()
    return days, _clear(past, on_batch)


def _clear(records: QuerySet[DownloadRecord], on_batch: OnBatch) -> int:
    def write(ids: list[int]) -> None:
        held = records.filter(id__in=ids).values_list("id", "days", "trimmed")
        rows = [(row, "", "", _summed(*packed), False) for row, *packed in held]
        _update(["days", "details", "trimmed", "settled"], rows)

    return _in_batches(records, write, on_batch)


def _summed(days: str, trimmed: str) -> str:
    if not trimmed:
        return pack_sums(days)
    return pack_cells(add_cells(unpack_cells(trimmed), sum_by_client(days)))
