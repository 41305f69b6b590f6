"""One ingest at a time, on however many machines; a dead process holds nothing."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO

from django.conf import settings
from django.db import InterfaceError, OperationalError, connection

from ingest.exceptions import AnotherIngestError, SpoolError

_KEY = 7_203_114


@contextmanager
def only_ingest() -> Iterator[None]:
    """Hold the lock, or raise ``AnotherIngestError`` at once.

    It belongs to an open file, so SPOOL_DIR is one ingest's alone, and on PostgreSQL to
    the database session as well: both let go of it when the process dies.
    """
    with _file_lock():
        if connection.vendor == "postgresql":
            with _session_lock():
                yield
        else:
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
    with _lock_file() as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise AnotherIngestError from error
        yield


def _lock_file() -> TextIO:
    try:
        settings.SPOOL_DIR.mkdir(parents=True, exist_ok=True)
        return (settings.SPOOL_DIR / "ingest.lock").open("w")
    except OSError as error:
        message = f"SPOOL_DIR {settings.SPOOL_DIR} cannot be written: {error}."
        raise SpoolError(message) from error
