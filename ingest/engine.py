"""DuckDB, as ingest works with it: its settings, its errors, its progress."""

import errno
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb
from django.conf import settings
from tqdm import tqdm

from ingest.exceptions import SpoolError

PROGRESS_INTERVAL = 0.5

_DISK_FULL = (
    *("No space left on device", "Disk quota exceeded", "File too large"),
    "failed to offload data block",  # DuckDB spills into nine tenths of the free space
)
_FULL_CODES = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


def connected(folder: Path) -> duckdb.DuckDBPyConnection:
    """Return a connection to a database in ``folder``, which it also spills into."""
    db = duckdb.connect(str(folder / "spool.duckdb"))
    for name, value in {
        "TimeZone": "UTC",
        "memory_limit": f"{settings.INGEST_MEMORY_MB}MB",
        "temp_directory": quoted(folder / "temp"),
        "preserve_insertion_order": "false",
        "enable_progress_bar_print": "false",  # progress() draws it
        "autoinstall_known_extensions": "false",
        "autoload_known_extensions": "false",
    }.items():
        db.execute(f"SET {name}='{value}'")
    return db


def raise_if_short(error: duckdb.Error) -> None:
    """Raise ``SpoolError`` for the many ways in which DuckDB lacks disk or memory."""
    if any(sign in str(error) for sign in _DISK_FULL):
        raise _full() from error
    if isinstance(error, duckdb.OutOfMemoryException):
        message = (
            f"INGEST_MEMORY_MB={settings.INGEST_MEMORY_MB} is too little for so many"
            " downloads; the next ingest with more counts what is missing."
        )
        raise SpoolError(message) from error


def not_written(error: OSError) -> SpoolError:
    """Return what a failed write below SPOOL_DIR means for the operator."""
    if error.errno in _FULL_CODES:
        return _full()
    reason = error.strerror or error
    return SpoolError(f"SPOOL_DIR {settings.SPOOL_DIR} cannot be written: {reason}.")


def _full() -> SpoolError:
    return SpoolError(
        f"SPOOL_DIR {settings.SPOOL_DIR} is full. Free some space or name another"
        " folder; the next ingest counts what is missing."
    )


def first_line(error: BaseException) -> str:
    return str(error).strip().partition("\n")[0]


def quoted(text: object) -> str:
    """Return ``text`` as it stands between quotes in SQL."""
    return str(text).replace("'", "''")


@contextmanager
def progress(db: duckdb.DuckDBPyConnection, label: str) -> Iterator[None]:
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
