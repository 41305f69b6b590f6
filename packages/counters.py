"""A cache that counts exactly over the processes of one machine, without Redis.

Only what django-ratelimit needs of a cache is here: ``add``, ``incr`` and ``get`` of
whole numbers. A counter that is not there is zero, so adding a zero stores nothing.

Counters are rows of a table, a file that each process maps into its memory; who writes
holds the file's lock, which the kernel takes from a process that dies (and has left no
forked child).
"""

import ctypes
import errno
import mmap
import os
import time
from fcntl import LOCK_EX, LOCK_NB, LOCK_UN
from functools import cache
from hashlib import blake2b
from threading import Lock
from typing import Any

from django.conf import settings
from django.core.cache.backends.base import DEFAULT_TIMEOUT, BaseCache

ROWS = 262_144
WORDS = 3
"""Of a row, each eight bytes: a hash of the name, the count, the last second of it."""
NAME, COUNT, EXPIRES = range(WORDS)

MOST_TRIED = 32
"""Rows that a counter may stand in, from the one that its hash points to on."""

FORMAT = 0x636F756E74657231
"""The file's last word, so that one of another form is not taken for a table."""

QUICK_TRIES = 50
WAIT_SECONDS = 0.5
"""For another process that counts; it holds the file for some microseconds."""

# fcntl.flock lets other threads run, and one of them does for milliseconds, while every
# process waits for the lock that it gives back only after that.
_flock = ctypes.PyDLL(None, use_errno=True).flock
_HELD = frozenset({errno.EWOULDBLOCK, errno.EINTR})


def counter_errors() -> tuple[type[Exception], ...]:
    """What counters raise when they cannot count."""
    if not settings.REDIS_URL:
        return (OSError,)
    from redis.exceptions import RedisError  # a third of a second that few need

    return (OSError, RedisError)


class CounterCache(BaseCache):
    """Counters in a file of their own; LOCATION is its path.

    Not in the database: a day that is written locks SQLite's file, and a round trip to
    PostgreSQL is a tenth of a small answer.
    """

    def __init__(self, location: str, params: dict[str, Any]) -> None:
        super().__init__(params)
        self._location = location

    def add(
        self,
        key: str,
        value: Any,
        timeout: float | None = DEFAULT_TIMEOUT,
        version: int | None = None,
    ) -> bool:
        name, table = self._name(key, version), self._table
        if value == 0 or table.find(name) is not None:
            return False
        expires = int(self.get_backend_timeout(timeout) or time.time())
        with table:
            return table.begin(name, int(value), expires)

    def incr(self, key: str, delta: int = 1, version: int | None = None) -> int:
        name, table = self._name(key, version), self._table
        with table:
            count = table.grow(name, delta)
        if count is None:
            raise ValueError(f"There is no counter {key!r}.")
        return count

    def get(self, key: str, default: Any = None, version: int | None = None) -> Any:
        count = self._table.find(self._name(key, version))
        return default if count is None else count

    def clear(self) -> None:
        with self._table as table:
            table.clear()

    def _name(self, key: str, version: int | None) -> int:
        made = self.make_key(key, version=version).encode()
        return int.from_bytes(blake2b(made, digest_size=8).digest())

    @property
    def _table(self) -> "_Table":
        return _mapped(self._location, os.getpid())


class _Table:
    """The file of counters as one process sees it; ``with`` keeps all others out."""

    def __init__(self, path: str) -> None:
        self._turn = Lock()
        self._file = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            with self:
                self._words = _mapped_words(self._file)
                if self._words[-1] != FORMAT:
                    self.clear()
        except BaseException:
            os.close(self._file)
            raise

    def __enter__(self) -> "_Table":
        """Raise ``TimeoutError`` if somebody keeps us out."""
        until = time.monotonic() + WAIT_SECONDS
        if not self._turn.acquire(timeout=WAIT_SECONDS):
            raise TimeoutError(_KEPT_OUT)
        try:
            self._lock(until)
        except BaseException:
            self._turn.release()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        _flock(self._file, LOCK_UN)
        self._turn.release()

    def find(self, name: int) -> int | None:
        """Return a counter's count; None for one that is not there."""
        at = self._row(name)
        count = self._words[at + COUNT]
        # Looked at last: whoever takes the row over writes its name first.
        return count if self._holds(at, name) else None

    def grow(self, name: int, delta: int) -> int | None:
        """Add to a counter and return its count, None without one; with the lock."""
        at = self._row(name)
        if not self._holds(at, name):
            return None
        self._words[at + COUNT] += delta
        return self._words[at + COUNT]

    def begin(self, name: int, count: int, expires: int) -> bool:
        """Make a counter unless there is one; with the lock."""
        at, words = self._row(name), self._words
        if self._holds(at, name):
            return False
        words[at + NAME], words[at + EXPIRES] = name, 0
        words[at + COUNT] = count
        words[at + EXPIRES] = expires
        return True

    def clear(self) -> None:
        """Forget all counters; with the lock."""
        self._words[:] = memoryview(bytes(self._words.nbytes)).cast("Q")
        self._words[-1] = FORMAT

    def _row(self, name: int) -> int:
        """Return where a counter stands, or may begin.

        That is the first row whose counter is over; if there is none, that of the
        counter which is missed least. Rows are never emptied, so nothing lies behind
        an empty one.
        """
        words, now = self._words, int(time.time())
        over = None
        for place in range(name, name + MOST_TRIED):
            at = place % ROWS * WORDS
            if words[at + NAME] == name:
                return at
            if over is None and words[at + EXPIRES] < now:
                over = at
            if not words[at + NAME]:
                break
        return self._least(name) if over is None else over

    def _least(self, name: int) -> int:
        tried = range(name, name + MOST_TRIED)
        rows = (place % ROWS * WORDS for place in tried)
        return min(rows, key=lambda at: self._words[at + COUNT])

    def _holds(self, at: int, name: int) -> bool:
        is_over = self._words[at + EXPIRES] < int(time.time())
        return self._words[at + NAME] == name and not is_over

    def _lock(self, until: float) -> None:
        tries = 0
        while _flock(self._file, LOCK_EX | LOCK_NB):
            error = ctypes.get_errno()
            if error not in _HELD:
                raise OSError(error, os.strerror(error))
            if time.monotonic() >= until:
                raise TimeoutError(_KEPT_OUT)
            tries += 1
            if tries > QUICK_TRIES:
                time.sleep(0.0005)


def _mapped_words(file: int) -> memoryview:
    """Map the file, all of which is on the disk: where that is full, this fails.

    Later, it would be the process that ends, at the first page without a place.
    """
    size = (ROWS * WORDS + 1) * 8
    before = os.pread(file, size, 0).ljust(size, b"\0")
    if os.pwrite(file, before, 0) < size:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    return memoryview(mmap.mmap(file, size)).cast("Q")


_KEPT_OUT = f"The file of counters stays locked for {WAIT_SECONDS} seconds."


@cache
def _mapped(path: str, process: int) -> _Table:
    """The table of ``process``: a lock is shared with the one it was forked from."""
    return _Table(path)
