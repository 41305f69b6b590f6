"""A day of event files, from Parquet and from NDJSON to a packed day.

``python -m benchmarks.files --events 50000000`` makes the files, counts them by the
source that ``manage.py ingest --source files`` uses, and prints events a second, CPU
time and memory, beside the least that DuckDB needs: one count by project. TMPDIR says
where.
"""

import argparse
import os
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from datetime import date
from multiprocessing import get_context
from pathlib import Path
from typing import NamedTuple, ParamSpec, TypeVar

import django
import duckdb

from benchmarks import events

DAY = date(2026, 11, 18)

P = ParamSpec("P")
T = TypeVar("T")


class Phase(NamedTuple):
    """What a piece of work took, in the process that did it."""

    name: str
    seconds: float
    cpu_seconds: float
    peak_mb: float


def main(arguments: list[str]) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=50_000_000)
    parser.add_argument("--ndjson-events", type=int, default=5_000_000)
    chosen = parser.parse_args(arguments)
    for make, number in (
        (events.make_parquet, chosen.events),
        (events.make_ndjson, chosen.ndjson_events),
    ):
        with tempfile.TemporaryDirectory() as folder:
            _run(Path(folder), make, number)


def _run(
    folder: Path, make: Callable[[Path, date, int], list[Path]], number: int
) -> None:
    os.environ.update(
        VAR_DIR=str(folder),
        DATABASE_URL=f"sqlite:///{folder}/db.sqlite3",
        DJANGO_SETTINGS_MODULE="pypistats_site.settings",
    )
    started = time.perf_counter()
    files = _apart(make, folder, DAY, number)
    kind, pattern = files[0].suffix, str(folder / f"events-*{files[0].suffix}")
    size = sum(path.stat().st_size for path in files) / 1e6
    seconds = time.perf_counter() - started
    say(f"{number:,} events, {kind}", f"{size:,.0f} MB, made in {seconds:.0f} s")
    for phase in (_apart(_count_projects, pattern), *_apart(_count_day, pattern)):
        say(
            f"  {phase.name}",
            f"{phase.seconds:.1f} s",
            f"{phase.cpu_seconds:.1f} CPU s",
            f"{number / phase.seconds / 1e6:.2f} M events/s",
            f"{number / phase.cpu_seconds / 1e6:.2f} M events per CPU s",
            f"peak {phase.peak_mb:,.0f} MB",
        )


def _apart(work: Callable[P, T], *arguments: P.args, **options: P.kwargs) -> T:
    """Do work in a process of its own, so that its memory can be told."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return pool.submit(work, *arguments, **options).result()


def _count_projects(pattern: str) -> Phase:
    """Count by project as plainly as DuckDB can: the floor."""

    def count() -> None:
        with duckdb.connect() as db:
            db.execute("SET enable_progress_bar_print=false")
            db.execute(
                f"CREATE TABLE counted AS SELECT project, count(*) FROM '{pattern}'"
                " GROUP BY project"
            )

    return _timed("floor: a count by project", count)


def _count_day(pattern: str) -> list[Phase]:
    """Read and pack the day as an ingest does, as far as the store."""
    django.setup()

    from django.core.management import call_command

    from ingest.packing import pack
    from ingest.sources.base import DayRange
    from ingest.sources.files import FilesSource
    from ingest.spool import Spool

    call_command("migrate", verbosity=0)
    source, days = FilesSource(pattern), DayRange(DAY, DAY)
    with Spool() as spool:
        read = _timed("read into the spool", lambda: source.fill(spool, days, None))
        packed = _timed("packed", lambda: pack(spool, DAY))
        cells = int(spool.value("SELECT count(*) FROM cells"))
    both = Phase(
        "both",
        read.seconds + packed.seconds,
        read.cpu_seconds + packed.cpu_seconds,
        packed.peak_mb,
    )
    return [read, packed._replace(name=f"packed, {cells:,} cells"), both]


def _timed(name: str, work: Callable[[], object]) -> Phase:
    started, cpu = time.perf_counter(), time.process_time()
    work()
    return Phase(
        name,
        time.perf_counter() - started,
        time.process_time() - cpu,
        resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    )


def say(name: str, *values: str) -> None:
    sys.stdout.write(f"{name:<34} {'  '.join(values)}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1:])
