"""Days on disk: the cells that a source puts down, until they are packed."""

import fcntl
import os
import shutil
import tempfile
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import duckdb
from django.conf import settings

from ingest import interrupts
from ingest.detail import Detail
from ingest.engine import connected, first_line, progress, raise_if_short
from ingest.exceptions import SpoolError

PREFIX = "day-"

_TABLES = """
CREATE TABLE cells (day DATE, package VARCHAR, installer VARCHAR, python VARCHAR,
    system VARCHAR, ci BOOLEAN, downloads BIGINT);
CREATE TABLE files (day DATE, package VARCHAR, installer VARCHAR, python VARCHAR,
    filename VARCHAR, version VARCHAR, downloads BIGINT);
CREATE TABLE covered (day DATE PRIMARY KEY);
"""


@dataclass(frozen=True, slots=True)
class Scan:
    """What was read for one day, in bytes, where reading is paid for."""

    estimated: int = 0
    billed: int = 0


class Spool:
    """Cells of one or more days, held in a folder that goes away with the spool.

    Sources fill ``cells`` (package in any spelling, details as sent) and ``covered``,
    the days about which the source knows something, be it that nothing was downloaded.
    Where ``detail`` says so, they also fill ``files`` with the same downloads by file;
    its ``python`` is ``INVALID`` or NULL.
    """

    def __init__(self, detail: Detail = Detail.CLIENT) -> None:
        self.detail = detail
        self.skipped: Counter[str] = Counter()
        self.on_scan: Callable[[date, Scan], object] = lambda *_: None
        """Sources call it with what a day reads, as soon as they know."""
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
            self.db = connected(self.folder)
            self.db.execute(_TABLES)
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
        with progress(self.db, label):
            row = self.db.execute(sql, parameters).fetchone()
        return int(row[0]) if row else 0

    def value(self, sql: str, parameters: Any = None) -> Any:
        """Return the only value of a query's only row."""
        row = self.db.execute(sql, parameters).fetchone()
        return row[0] if row else None

    def days(self) -> list[date]:
        rows = self.db.execute("SELECT day FROM covered ORDER BY day").fetchall()
        return [day for (day,) in rows]


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
