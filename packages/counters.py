"""A cache that counts exactly over the processes of one machine, without Redis.

Only what django-ratelimit needs of a cache is here: ``add``, ``incr`` and ``get`` of
whole numbers. A counter that is not there is zero, so adding a zero stores nothing.
"""

import os
import sqlite3
import time
from functools import cache
from threading import Lock
from typing import Any

from django.conf import settings
from django.core.cache.backends.base import DEFAULT_TIMEOUT, BaseCache

CLEAN_EVERY = 1000
"""New counters of a process between two removals of expired ones."""

MOST_KNOWN = 10_000
WAIT_SECONDS = 0.5
"""For another process that counts; it holds the file for some microseconds."""


def counter_errors() -> tuple[type[Exception], ...]:
    """What counters raise when they cannot count."""
    errors = (sqlite3.Error, OSError)
    if not settings.REDIS_URL:
        return errors
    from redis.exceptions import RedisError  # a third of a second that few need

    return (*errors, RedisError)


class CounterCache(BaseCache):
    """Counters in an SQLite file of their own; LOCATION is its path.

    Not in the database: a day that is written locks SQLite's file, and a round trip to
    PostgreSQL is a tenth of a small answer.
    """

    def __init__(self, location: str, params: dict[str, Any]) -> None:
        super().__init__(params)
        self._location = location
        self._added = 0
        self._known: dict[str, float] = {}
        """When counters that are surely there expire: they need no ``add``."""

    def add(
        self,
        key: str,
        value: Any,
        timeout: float | None = DEFAULT_TIMEOUT,
        version: int | None = None,
    ) -> bool:
        name = self.make_and_validate_key(key, version=version)
        now = int(time.time())
        if value == 0 or self._known.get(name, 0) > now:
            return False
        self._clean_now_and_then(now)
        expires = int(self.get_backend_timeout(timeout) or now)
        bound = {"key": name, "value": int(value), "now": now, "expires": expires}
        added = self._fetch(_ADD, bound) is not None
        self._known[name] = expires
        return added

    def incr(self, key: str, delta: int = 1, version: int | None = None) -> int:
        name = self.make_and_validate_key(key, version=version)
        bound = {"key": name, "delta": delta, "now": int(time.time())}
        count = self._fetch(_INCR, bound)
        if count is None:
            self._known.pop(name, None)
            raise ValueError(f"There is no counter {key!r}.")
        return count

    def get(self, key: str, default: Any = None, version: int | None = None) -> Any:
        name = self.make_and_validate_key(key, version=version)
        count = self._fetch(_GET, {"key": name, "now": int(time.time())})
        return default if count is None else count

    def clear(self) -> None:
        self._known.clear()
        self._fetch(_CLEAR, {})

    def _clean_now_and_then(self, now: int) -> None:
        if len(self._known) >= MOST_KNOWN:
            self._known.clear()
        if self._added % CLEAN_EVERY == 0:
            self._fetch(_CLEAN, {"now": now})
        self._added += 1

    def _fetch(self, sql: str, bound: dict[str, Any]) -> int | None:
        return _file(self._location, os.getpid()).fetch(sql, bound)


class _File:
    """A process's one connection: its threads take turns without a pause.

    Whom the file itself keeps waiting sleeps for a while before the next try, and of
    many threads some would try in vain for ever; of a few processes none does.
    """

    def __init__(self, path: str) -> None:
        self._turn = Lock()
        self._connection = sqlite3.connect(
            path, timeout=WAIT_SECONDS, isolation_level=None, check_same_thread=False
        )
        for statement in _SET_UP:
            self._connection.execute(statement)

    def fetch(self, sql: str, bound: dict[str, Any]) -> int | None:
        """Run ``sql``, committed by itself; return its first number, if any."""
        with self._turn:
            cursor = self._connection.execute(sql, bound)
            row = cursor.fetchone()
            cursor.close()  # a statement that is not finished holds its lock
        return row[0] if row else None


@cache
def _file(path: str, process: int) -> _File:
    """The connection of ``process``, which is not the one it was forked from."""
    return _File(path)


# An expired counter gives way to a new one of its name.
_ADD = """
INSERT INTO counter AS held (key, count, expires) VALUES (:key, :value, :expires)
ON CONFLICT (key) DO UPDATE SET count = excluded.count, expires = excluded.expires
WHERE held.expires < :now RETURNING count
"""
_INCR = """
UPDATE counter SET count = count + :delta WHERE key = :key AND expires >= :now
RETURNING count
"""
_GET = "SELECT count FROM counter WHERE key = :key AND expires >= :now"
_CLEAN = "DELETE FROM counter WHERE expires < :now"
_CLEAR = "DELETE FROM counter"
_COLUMNS = "key TEXT PRIMARY KEY, count INTEGER NOT NULL, expires INTEGER NOT NULL"
_SET_UP = (
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=OFF",  # what a power cut loses are counts of some seconds
    f"CREATE TABLE IF NOT EXISTS counter ({_COLUMNS}) WITHOUT ROWID",
)
