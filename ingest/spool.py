"""A day on disk: cells from a source, packed for the store.

Everything that grows with the number of downloads or packages happens in DuckDB. Python
sees the distinct clients only, a few thousand.
"""

import fcntl
import logging
import os
import shutil
import tempfile
import threading
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple, Self

import duckdb
from django.conf import settings
from tqdm import tqdm

from ingest import interrupts
from ingest.exceptions import DayNotCoveredError, SpoolError
from packages import clients, recents
from packages.cells import SQL_PACK_DAY
from packages.clients import ClientKey
from packages.names import SQL_IS_VALID, SQL_NORMALIZED
from packages.store import PackedDay

LARGEST = 100
PREFIX = "day-"
PROGRESS_INTERVAL = 0.5

_DISK_FULL = (
    *("No space left on device", "Disk quota exceeded", "File too large"),
    "failed to offload data block",  # DuckDB spills into nine tenths of the free space
)

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Scan:
    """What was read for one day, in bytes, where reading is paid for."""

    estimated: int = 0
    billed: int = 0


class Figures(NamedTuple):
    """What a day amounts to."""

    downloads: int
    packages: int
    cells: int


class Spool:
    """Cells of one or more days, held in a folder that goes away with the spool.

    Sources fill ``cells`` (package in any spelling, details as sent) and ``covered``,
    the days about which the source knows something, be it that nothing was downloaded.
    """

    def __init__(self) -> None:
        self.skipped: Counter[str] = Counter()
        self.scans: defaultdict[date, Scan] = defaultdict(Scan)
        with interrupts.shielded():
            self._open()

    def _open(self) -> None:
        try:
            settings.SPOOL_DIR.mkdir(parents=True, exist_ok=True)
            self.folder = Path(tempfile.mkdtemp(prefix=PREFIX, dir=settings.SPOOL_DIR))
            self._handle = _locked(self.folder)
        except OSError as error:
            message = f"SPOOL_DIR {settings.SPOOL_DIR} cannot be written: {error}."
            raise SpoolError(message) from error
        try:
            self.db = _connected(self.folder)
        except duckdb.Error as error:
            self._release()
            raise_if_short(error)
            message = f"DuckDB cannot work in {self.folder}: {first_line(error)}"
            raise SpoolError(message) from error

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        with interrupts.shielded():
            self.db.close()
            self._release()

    def _release(self) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)
        os.close(self._handle)

    def run(self, sql: str, parameters: Any = None, *, label: str = "Counting") -> int:
        """Execute a statement that may take long, showing how far it is.

        Return the rows that it changed.
        """
        with _progress(self.db, label):
            row = self.db.execute(sql, parameters).fetchone()
        return int(row[0]) if row else 0

    def value(self, sql: str, parameters: Any = None) -> Any:
        """Return the only value of a query's only row."""
        row = self.db.execute(sql, parameters).fetchone()
        return row[0] if row else None

    def days(self) -> list[date]:
        rows = self.db.execute("SELECT day FROM covered ORDER BY day").fetchall()
        return [day for (day,) in rows]

    def pack(self, day: date, tracked: Collection[str] | None = None) -> PackedDay:
        """Pack one day; ``tracked`` limits it to those packages (None: all).

        Raise ``DayNotCoveredError`` when the source knew nothing of the day.
        """
        if day not in self.days():
            raise DayNotCoveredError(day)
        try:
            self._keep(day, tracked)
            people_rule = self._number_clients(day)
            return self._write(day, people_rule)
        except duckdb.Error as error:
            raise_if_short(error)
            message = f"{day} cannot be spooled: {first_line(error)}"
            raise SpoolError(message) from error

    def measure(self, day: date, tracked: Collection[str] | None = None) -> Figures:
        """Say what ``pack`` would pack, without registering any client."""
        if day not in self.days():
            raise DayNotCoveredError(day)
        self._keep(day, tracked)
        row = self.db.execute(
            "SELECT coalesce(sum(downloads), 0)::BIGINT, count(DISTINCT package),"
            " count(*) FROM (SELECT package, sum(downloads) AS downloads FROM kept"
            " GROUP BY package, installer, python, system, coalesce(ci, false))"
        ).fetchall()[0]
        return Figures(*row)

    def _keep(self, day: date, tracked: Collection[str] | None) -> None:
        """Make ``kept``: the day's cells of valid packages, names normalized."""
        name, valid = (
            SQL_NORMALIZED.format(name="package"),
            SQL_IS_VALID.format(name="package"),
        )
        self.db.execute(
            "CREATE OR REPLACE TEMP TABLE names AS SELECT package,"
            f" CASE WHEN {valid} THEN {name} END AS normalized"
            " FROM (SELECT DISTINCT package FROM cells WHERE day = ?)",
            [day],
        )
        self.db.execute(
            "CREATE OR REPLACE TEMP TABLE kept AS SELECT cells.* REPLACE"
            " (normalized AS package) FROM cells JOIN names USING (package)"
            " WHERE day = ? AND normalized IS NOT NULL",
            [day],
        )
        self._count_invalid_names(day)
        if tracked is not None:
            names = "SELECT unnest(?::VARCHAR[])"
            self.db.execute(
                f"DELETE FROM kept WHERE package NOT IN ({names})", [list(tracked)]
            )

    def _count_invalid_names(self, day: date) -> None:
        dropped = self.value(
            "SELECT sum(downloads) FROM cells JOIN names USING (package)"
            " WHERE day = ? AND normalized IS NULL",
            [day],
        )
        if dropped:
            self.skipped["with a name no package can have"] += int(dropped)

    def _number_clients(self, day: date) -> str:
        """Give every client of the day its id, the most active first.

        Also tell people from mirrors, and return the key of the rule that does.
        """
        rows = self.db.execute(
            "SELECT installer, python, system, coalesce(ci, false) AS ci FROM kept"
            " GROUP BY ALL ORDER BY sum(downloads) DESC, 1, 2, 3, 4"
        ).fetchall()
        keys = [ClientKey(*row) for row in rows]
        with interrupts.shielded():
            ids = clients.register(keys)
            people_rule, people = recents.people_on(day)
        columns = [list(column) for column in zip(*keys, strict=True)] or [[]] * 4
        self.db.execute(
            "CREATE OR REPLACE TEMP TABLE numbered AS SELECT"
            " unnest(?::VARCHAR[]) AS installer, unnest(?::VARCHAR[]) AS python,"
            " unnest(?::VARCHAR[]) AS system, unnest(?::BOOLEAN[]) AS ci,"
            " unnest(?::INTEGER[]) AS client, unnest(?::BOOLEAN[]) AS is_person",
            [
                *columns,
                [ids[key] for key in keys],
                [ids[key] in people for key in keys],
            ],
        )
        return people_rule

    def _write(self, day: date, people_rule: str) -> PackedDay:
        self.db.execute(
            "CREATE OR REPLACE TEMP TABLE counted AS"
            " SELECT package, client, is_person, sum(downloads)::BIGINT AS downloads"
            " FROM kept JOIN numbered ON kept.installer IS NOT DISTINCT FROM"
            " numbered.installer AND kept.python IS NOT DISTINCT FROM numbered.python"
            " AND kept.system IS NOT DISTINCT FROM numbered.system"
            " AND coalesce(kept.ci, false) = numbered.ci GROUP BY ALL"
        )
        path = self.folder / f"{day}.csv"
        self.db.execute(
            "CREATE OR REPLACE TEMP TABLE packed AS"
            " SELECT package, sum(downloads)::BIGINT AS downloads, coalesce("
            "sum(downloads) FILTER (is_person), 0)::BIGINT AS people,"
            f" {SQL_PACK_DAY.format(day=day.day)} AS packed"
            " FROM counted GROUP BY package"
        )
        self.db.execute(
            f"COPY (FROM packed ORDER BY package) TO '{quoted(path)}'"
            " (FORMAT csv, HEADER false)"
        )
        cells = self.db.execute(
            "SELECT client, sum(downloads)::BIGINT FROM counted GROUP BY ALL"
        ).fetchall()
        largest = self.db.execute(
            "SELECT package, downloads FROM packed ORDER BY downloads DESC, package"
            f" LIMIT {LARGEST}"
        ).fetchall()
        return PackedDay(
            day=day,
            path=path,
            downloads=sum(downloads for _, downloads in cells),
            packages=int(self.value("SELECT count(*) FROM packed")),
            cells=dict(cells),
            largest=largest,
            people_rule=people_rule,
        )


def _connected(folder: Path) -> duckdb.DuckDBPyConnection:
    db = duckdb.connect(str(folder / "spool.duckdb"))
    for name, value in {
        "TimeZone": "UTC",
        "memory_limit": f"{settings.INGEST_MEMORY_MB}MB",
        "temp_directory": quoted(folder / "temp"),
        "preserve_insertion_order": "false",
        "autoinstall_known_extensions": "false",
        "autoload_known_extensions": "false",
    }.items():
        db.execute(f"SET {name}='{value}'")
    db.execute(
        "CREATE TABLE cells (day DATE, package VARCHAR, installer VARCHAR,"
        " python VARCHAR, system VARCHAR, ci BOOLEAN, downloads BIGINT)"
    )
    db.execute("CREATE TABLE covered (day DATE PRIMARY KEY)")
    return db


def remove_leftovers() -> None:
    """Remove the spools of dead processes: those that nobody has locked."""
    for folder in settings.SPOOL_DIR.glob(f"{PREFIX}*"):
        with suppress(OSError):
            handle = _locked(folder)
            shutil.rmtree(folder, ignore_errors=True)
            os.close(handle)


def _locked(folder: Path) -> int:
    """Lock a folder for as long as the process lives, or raise ``OSError``."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(handle)
        raise
    return handle


def raise_if_short(error: duckdb.Error) -> None:
    """Raise ``SpoolError`` for the many ways in which DuckDB lacks disk or memory."""
    if any(sign in str(error) for sign in _DISK_FULL):
        message = (
            f"SPOOL_DIR {settings.SPOOL_DIR} is full. Free some space or name another"
            " folder; the next ingest counts what is missing."
        )
        raise SpoolError(message) from error
    if isinstance(error, duckdb.OutOfMemoryException):
        message = (
            f"INGEST_MEMORY_MB={settings.INGEST_MEMORY_MB} is too little for so many"
            " downloads; the next ingest with more counts what is missing."
        )
        raise SpoolError(message) from error


def first_line(error: BaseException) -> str:
    return str(error).strip().partition("\n")[0]


def quoted(text: object) -> str:
    """Return ``text`` as it stands between quotes in SQL."""
    return str(text).replace("'", "''")


@contextmanager
def _progress(db: duckdb.DuckDBPyConnection, label: str) -> Iterator[None]:
    """Show DuckDB's progress on a terminal; nothing elsewhere."""
    done = threading.Event()
    bar = tqdm(total=100, desc=label, unit="%", disable=None, leave=False)

    def watch() -> None:
        while not done.wait(PROGRESS_INTERVAL):
            bar.n = max(bar.n, round(db.query_progress()))
            bar.refresh()

    watcher = threading.Thread(target=watch, daemon=True)
    if not bar.disable:
        watcher.start()
    try:
        yield
    finally:
        done.set()
        if watcher.is_alive():
            watcher.join()
        bar.close()
