"""Statements that nearly every answer runs, planned once for a connection.

PostgreSQL takes twice as long to plan one of them as to run it. The backend of
``pypistats_site.postgresql`` remembers what each connection has prepared; on SQLite,
whose driver keeps statements by itself, they are run as they are.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count
from typing import Any

from django.db import DatabaseError, connection

Rows = list[tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class Statement:
    """SQL with ``%s`` for each parameter, and no other per cent sign."""

    name: str
    sql: str

    def rows(self, *parameters: str) -> Rows:
        """Run it, prepared unless a failure of that would break a transaction."""
        connection.ensure_connection()
        prepared: set[str] | None = getattr(connection, "prepared", None)
        if prepared is None or connection.in_atomic_block:
            return _rows(self.sql, parameters)
        try:
            if self.name not in prepared:
                _run(self._preparation())
                prepared.add(self.name)
            return _rows(self._execution(len(parameters)), parameters)
        except DatabaseError:
            if connection.connection.closed:
                raise
            # Another session (a pool in between), or a table that has changed.
            prepared.discard(self.name)
            return _rows(self.sql, parameters)

    def _preparation(self) -> str:
        numbers = count(1)
        parts = self.sql.split("%s")
        sql = parts[0] + "".join(f"${next(numbers)}{part}" for part in parts[1:])
        return f"PREPARE {self.name} AS {sql}"

    def _execution(self, parameters: int) -> str:
        return f"EXECUTE {self.name} ({', '.join(['%s'] * parameters)})"


def in_utc(moment: datetime) -> datetime:
    """Return an instant as the ORM does: all are stored in UTC; SQLite does not say."""
    return moment.replace(tzinfo=UTC)


def _run(sql: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql)


def _rows(sql: str, parameters: tuple[str, ...]) -> Rows:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        rows: Rows = cursor.fetchall()
    return rows
