"""One ingest at a time, on however many machines; a dead process holds nothing."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings
from django.db import InterfaceError, OperationalError, connection

from ingest.exceptions import AnotherIngestError

_KEY = 7_203_114


@contextmanager
def only_ingest() -> Iterator[None]:
    """Hold the lock, or raise ``AnotherIngestError`` at once.

    On PostgreSQL it belongs to the database session, on SQLite to an open file: both
    let go of it when the process dies.
    """
    if connection.vendor == "postgresql":
        with _session_lock():
            yield
    else:
        with _file_lock():
            yield


@contextmanager
def _session_lock() -> Iterator[None]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [_KEY])
        if not cursor.fetchone()[0]:
            raise AnotherIngestError
    try:
        yield
    finally:
        try:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [_KEY])
        except (InterfaceError, OperationalError):
            connection.close()  # the session is gone, and the lock with it


@contextmanager
def _file_lock() -> Iterator[None]:
    settings.SPOOL_DIR.mkdir(parents=True, exist_ok=True)
    with (Path(settings.SPOOL_DIR) / "ingest.lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise AnotherIngestError from error
        yield
