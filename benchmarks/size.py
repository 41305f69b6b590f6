"""PyPI's size on PostgreSQL: print the figures of storage, all from one run.

``python -m tests.postgres python -m benchmarks.size`` on a server of its own, or with
DATABASE_URL set on one that may be filled. ``--packages`` and ``--days`` make it small.
"""

import argparse
import os
import resource
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from datetime import date, timedelta
from functools import cache, partial
from multiprocessing import get_context
from pathlib import Path
from random import Random

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "pypistats_site.settings")
django.setup()

from django.conf import settings  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import connection  # noqa: E402
from tqdm import tqdm  # noqa: E402

from benchmarks import reference  # noqa: E402
from benchmarks.days import MadeDay, Maker  # noqa: E402
from packages import snapshot, stats, store, upkeep  # noqa: E402
from packages.mirrors import Dimension  # noqa: E402
from packages.models import DownloadRecord, Package  # noqa: E402

OPEN_DAYS = 14
"""Days of the open month that are loaded after the settled one."""

_OURS = ("packages_downloadrecord", "packages_standing", "packages_package")


def main(arguments: list[str]) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--packages", type=int, default=600_000)
    parser.add_argument("--days", type=int, default=31 + OPEN_DAYS)
    parser.add_argument("--reference-days", type=int, default=3)
    chosen = parser.parse_args(arguments)
    call_command("migrate", verbosity=0)
    with tempfile.TemporaryDirectory(dir=settings.VAR_DIR) as folder:
        _Run(chosen.packages, chosen.days, Path(folder)).go(chosen.reference_days)


class _Run:
    def __init__(self, packages: int, days: int, folder: Path) -> None:
        self._folder = folder
        self._packages = packages
        # In a process of its own, so that this one's memory is the store's.
        self._pool = ProcessPoolExecutor(1, get_context("spawn"))
        self._first = store.today().replace(day=1) - timedelta(days=days)
        self._first = self._first.replace(day=1)
        self._days = [self._first + timedelta(days=n) for n in range(days)]
        self._cells = self._package_days = 0

    def go(self, reference_days: int) -> None:
        self._reference(reference_days)
        seconds = list(self._load_all())
        say("cells a day", f"{self._cells / len(self._days):,.0f}")
        say("day, spool to committed: median, longest", *map(_s, _ends(seconds)))
        say("each day", " ".join(f"{second:.0f}" for second in seconds))
        self._again()
        _vacuum()
        open_bytes = _size()
        say(
            "bytes per package-day, month open",
            f"{open_bytes / self._package_days:.1f}",
        )
        say("records, before settling", f"{_size(_OURS[:1]) / 1e6:,.0f} MB")
        upkeep.SETTLES_AFTER = 0
        say("settling a month", _s(_timed(upkeep.settle_months)))
        _vacuum()
        say(
            "bytes per package-day, month settled",
            f"{_size() / self._package_days:.1f}",
        )
        self._months()
        self._pages()
        self._answers()
        settings.RETENTION_DAYS = self._days[-1].day  # so that the first month goes
        snapshot.refreshed()
        say("trimming a month", _s(_timed(upkeep.trim)))
        say("peak memory of this process", f"{_peak_mb():,.0f} MB")

    def _reference(self, days: int) -> None:
        reference.create()
        made = [self._make(self._first + timedelta(days=n)) for n in range(days)]
        for day in made[:-1]:
            reference.copy(day.packed.day, day.cells, self._folder)
        rows = 0

        def insert() -> None:
            nonlocal rows
            rows = reference.insert(made[-1].packed.day, made[-1].cells)

        say(
            "reference: a day by multi-row INSERT", _s(_timed(insert)), f"{rows:,} rows"
        )
        package_days = sum(day.packed.packages for day in made)
        size = reference.size() / package_days
        say("reference: bytes per package-day", f"{size:,.0f}")
        for day in made:
            _remove(day)

    def _make(self, day: date) -> MadeDay:
        return self._making(day).result()

    def _making(self, day: date) -> Future[MadeDay]:
        return self._pool.submit(_made, self._packages, self._folder, day)

    def _load_all(self) -> Iterator[float]:
        """Store day after day; between two, PostgreSQL has the time to clean up."""
        making = self._making(self._days[0])
        for next_day in tqdm([*self._days[1:], None], unit="day"):
            made = making.result()
            self._cells += made.number_of_cells
            self._package_days += made.packed.packages
            yield _timed(partial(store.replace_day, made.packed, "bench"))
            _remove(made)
            if next_day:
                making = self._making(next_day)
            _vacuum()

    def _again(self) -> None:
        """Count the last day again: unchanged, then with one package less."""
        made = self._make(self._days[-1])
        unchanged = _timed(lambda: store.replace_day(made.packed, "bench"))
        lines = made.packed.path.read_text().splitlines(keepends=True)
        made.packed.path.write_text("".join(lines[1:]))
        changed = _timed(lambda: store.replace_day(made.packed, "bench"))
        say("a day counted again: unchanged, changed", _s(unchanged), _s(changed))
        _remove(made)

    def _months(self) -> None:
        """Mean bytes of a record's days, by month and form."""
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT month, count(*), sum(pg_column_size(days)), sum(length(days)),"
                " sum(pg_column_size(record.*)) FROM packages_downloadrecord AS record"
                " GROUP BY month ORDER BY month"
            )
            for month, count, stored, length, row in cursor.fetchall():
                days = sum(day.replace(day=1) == month for day in self._days)
                per_day = row / count / days
                say(
                    f"month {month:%Y-%m} ({days} days)",
                    f"{count:,} records, {length / count:,.0f} characters,"
                    f" {stored / count:,.0f} bytes, {per_day:.1f} bytes a day and row",
                )

    def _pages(self) -> None:
        counts = [_pages_of(name) for name in _some_packages(200)]
        say("pages of one series: median, largest", *map(str, _ends(counts)))

    def _answers(self) -> None:
        names = _some_packages(200)
        for kind in (None, *Dimension):
            found = [_timed(partial(_answer, name, kind)) for name in names]
            median = statistics.median(found) * 1000
            say(f"answer {kind or 'overall'}: median", f"{median:.2f} ms")


@cache
def _maker(packages: int, folder: Path) -> Maker:
    return Maker(packages, folder)


def _made(packages: int, folder: Path, day: date) -> MadeDay:
    return _maker(packages, folder).make(day)


def say(name: str, *values: str) -> None:
    print(f"{name:<45} {'  '.join(values)}", flush=True)


def _answer(name: str, kind: Dimension | None) -> object:
    history = stats.history(name)
    return history.by(kind) if kind else history.overall()


def _some_packages(number: int) -> list[str]:
    ids = list(Package.objects.order_by("id").values_list("id", flat=True))
    chosen = Random(7).sample(ids, min(number, len(ids)))
    found = Package.objects.filter(id__in=chosen)
    return list(found.values_list("normalized_name", flat=True))


def _pages_of(name: str) -> int:
    records = DownloadRecord.objects.filter(package__normalized_name=name)
    plan = (
        records.order_by()
        .values_list("month", "days")
        .explain(analyze=True, buffers=True, format="json")
    )
    import json

    top = json.loads(plan)[0]["Plan"]
    return int(top["Shared Hit Blocks"] + top["Shared Read Blocks"])


def _size(tables: tuple[str, ...] = _OURS) -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT sum(pg_total_relation_size(name::regclass))"
            " FROM unnest(%s) AS name",
            [list(tables)],
        )
        return int(cursor.fetchone()[0])


def _vacuum() -> None:
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE packages_downloadrecord")
        cursor.execute("VACUUM ANALYZE packages_standing")


def _remove(made: MadeDay) -> None:
    made.packed.path.unlink()
    made.cells.unlink()


def _timed(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def _ends(values: list[float] | list[int]) -> tuple[float, float]:
    return statistics.median(values), max(values)


def _s(seconds: float) -> str:
    return f"{seconds:.1f} s"


def _peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main(sys.argv[1:])
