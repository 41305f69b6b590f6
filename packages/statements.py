"""Statements that nearly every answer runs, planned once for a connection.

PostgreSQL takes twice as long to plan one of them as to run it. The backend of
``pypistats_site.postgresql`` remembers what each connection has prepared; on SQLite,
whose driver keeps statements by itself, they are run as they are.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from itertools import count
from typing import Any

from django.db import DEFAULT_DB_ALIAS, DatabaseError, connections
from django.db.backends.base.base import BaseDatabaseWrapper

Rows = list[tuple[Any, ...]]
Texts = tuple[str, ...]


@dataclass(frozen=True)
class Statement:
    """SQL with ``%s`` for each parameter, and no other per cent sign."""

    name: str
    sql: str

    def rows(self, *parameters: str) -> Rows:
        """Run it, prepared unless a failure of that would break a transaction."""
        connection = connections[DEFAULT_DB_ALIAS]  # once: each use looks for it
        connection.ensure_connection()
        prepared: set[str] | None = getattr(connection, "prepared", None)
        if prepared is None or connection.in_atomic_block:
            return _rows(connection.cursor(), self.sql, parameters)
        try:
            if self.name not in prepared:
                _run(connection, self._preparation)
                prepared.add(self.name)
            with connection.wrap_database_errors:
                return _rows(_cursor(connection), self._execution, parameters)
        except DatabaseError:
            if connection.connection.closed:
                raise
            # Another session (a pool in between), or a table that has changed.
            prepared.discard(self.name)
            return _rows(connection.cursor(), self.sql, parameters)

    @cached_property
    def _preparation(self) -> str:
        numbers = count(1)
        parts = self.sql.split("%s")
        sql = parts[0] + "".join(f"${next(numbers)}{part}" for part in parts[1:])
        return f"PREPARE {self.name} AS {sql}"

    @cached_property
    def _execution(self) -> str:
        parameters = ["%s"] * self.sql.count("%s")
        return f"EXECUTE {self.name} ({', '.join(parameters)})"


def in_utc(moment: datetime) -> datetime:
    """Return an instant as the ORM does: all are stored in UTC; SQLite does not say."""
    return moment.replace(tzinfo=UTC)


def _cursor(connection: BaseDatabaseWrapper) -> Any:
    """The driver's own cursor, for half the cost, unless somebody watches Django's."""
    if connection.queries_logged or connection.execute_wrappers:
        return connection.cursor()
    return connection.connection.cursor()


def _run(connection: BaseDatabaseWrapper, sql: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql)


def _rows(opened: Any, sql: str, parameters: Texts) -> Rows:
    with opened as cursor:
        cursor.execute(sql, parameters)
        rows: Rows = cursor.fetchall()
    return rows
