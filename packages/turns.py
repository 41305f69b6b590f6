"""Writers of figures take turns, on however many machines."""

from django.db import connection

_WRITERS_LOCK = 7_203_113


def take_turns() -> None:
    """Wait for other writers, until the transaction ends.

    SQLite's BEGIN IMMEDIATE has done so already.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_WRITERS_LOCK])
