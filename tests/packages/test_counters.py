"""Counters add up, expire, and make room."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest
import time_machine
from django.core.cache.backends.base import BaseCache

from packages import counters
from packages.counters import CounterCache

NOON = datetime(2026, 11, 19, 12, 0, 0, tzinfo=UTC)


NEVER = 2**62


@pytest.fixture
def pair(tmp_path: Path) -> list[CounterCache]:
    """Two caches of the same counters, as two processes have them."""
    return [CounterCache(str(tmp_path / "counters.table"), {}) for _ in range(2)]


@pytest.fixture(autouse=True)
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


def test_counters_of_one_name_are_one(pair: list[CounterCache]) -> None:
    one, two = pair

    assert [one.add("a", 1, 10), two.add("a", 1, 10)] == [True, False]
    assert [two.incr("a"), one.incr("a"), one.incr("a", 5)] == [2, 3, 8]
    assert [one.get("a"), two.get("a"), two.get("b", 0)] == [8, 8, 0]


def test_zero_is_a_counter_that_is_not_there(pair: list[CounterCache]) -> None:
    one, two = pair

    assert one.add("a", 0, 10) is False
    assert two.add("a", 1, 10) is True


def test_counter_that_is_not_there_cannot_grow(pair: list[CounterCache]) -> None:
    with pytest.raises(ValueError, match="There is no counter 'a'"):
        pair[0].incr("a")


def test_counter_expires(
    pair: list[CounterCache], clock: time_machine.Traveller
) -> None:
    one, two = pair
    one.add("a", 1, 10)
    one.incr("a")

    clock.shift(10)
    last = (two.get("a"), two.incr("a"))
    clock.shift(1)

    assert last == (2, 3)
    assert two.get("a") is None
    with pytest.raises(ValueError, match="no counter"):
        one.incr("a")
    assert [two.add("a", 1, 10), one.add("a", 1, 10), one.incr("a")] == [True, False, 2]


def test_counter_that_was_lost_begins_anew(pair: list[CounterCache]) -> None:
    one, two = pair
    one.add("a", 1, 10)
    two.clear()

    with pytest.raises(ValueError, match="no counter"):
        one.incr("a")
    assert one.add("a", 1, 10) is True


def test_counters_that_are_over_make_room(
    pair: list[CounterCache], clock: time_machine.Traveller
) -> None:
    one, two = pair
    for number in range(3 * counters.MOST_TRIED):
        one.add(f"{number}", 1, 10)
        clock.shift(11)

    assert two.add("newest", 1, 10)
    assert two.get("newest") == 1


def test_counter_takes_the_first_row_that_is_over(
    small: CounterCache, clock: time_machine.Traveller
) -> None:
    for number in range(100):
        small.add(f"{number}", 1, 10)
        clock.shift(6)

    assert [small.get(f"{number}") for number in (98, 99)] == [None, 1]

    clock.shift(6)
    with small._table as table:
        at = [table._row(name) for name in range(counters.ROWS)]

    assert at == [name * counters.WORDS for name in range(counters.ROWS)]


def test_full_neighbourhood_forgets_who_counted_least(small: CounterCache) -> None:
    with small._table as table:
        for name in range(1, 9):
            assert table.begin(name, name, NEVER)
        assert table.begin(8 + 3, 50, NEVER)  # may stand in rows 3, 4, 5, 6

        found = [table.find(name) for name in (*range(1, 9), 8 + 3)]

    assert found == [1, 2, None, 4, 5, 6, 7, 8, 50]


@pytest.fixture
def small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> CounterCache:
    """Eight counters are all that there is room for, each in one of four rows."""
    monkeypatch.setattr(counters, "ROWS", 8)
    monkeypatch.setattr(counters, "MOST_TRIED", 4)
    return CounterCache(str(tmp_path / "small"), {})


@pytest.mark.parametrize(
    "before",
    [b"", b"short", b"SQLite format 3" * 200_000],
    ids=["empty", "short", "long"],
)
def test_file_that_is_no_table_becomes_one(tmp_path: Path, before: bytes) -> None:
    path = tmp_path / "counters.table"
    path.write_bytes(before)
    cache = CounterCache(str(path), {})

    assert cache.get("a") is None
    assert cache.add("a", 1, 10)
    assert cache.incr("a") == 2


def test_counters_outlive_their_process(tmp_path: Path) -> None:
    path = str(tmp_path / "counters.table")
    CounterCache(path, {}).add("a", 7, 10)
    counters._mapped.cache_clear()

    assert CounterCache(path, {}).incr("a") == 8


def test_threads_count_exactly(pair: list[CounterCache]) -> None:
    pair[0].add("a", 1, 10)

    with ThreadPoolExecutor(8) as threads:
        counts = list(threads.map(lambda n: pair[n % 2].incr("a"), range(2000)))

    assert sorted(counts) == [*range(2, 2002)]


@pytest.mark.parametrize("end", [signal.SIGKILL, signal.SIGSTOP])
def test_process_that_ends_or_hangs_while_it_counts(
    tmp_path: Path, end: signal.Signals
) -> None:
    """The kernel takes the lock from one, and nobody waits long for the other."""
    cache = CounterCache(str(tmp_path / "counters.table"), {})
    cache.add("a", 1, 10)
    child = os.fork()
    if not child:
        cache._table._lock(0)
        os.kill(os.getpid(), end)
    os.waitpid(child, os.WUNTRACED)

    if end == signal.SIGKILL:
        assert cache.incr("a") == 2
        return
    with pytest.raises(TimeoutError, match=r"stays locked for 0\.5 seconds"):
        cache.incr("a")
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    assert cache.incr("a") == 2


FULL = """
import os, resource, sys
from django.conf import settings
from packages.counters import CounterCache, counter_errors

settings.configure(REDIS_URL="")
resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, 1_000_000))
cache = CounterCache(sys.argv[1], {})
before = len(os.listdir("/dev/fd"))
for _ in range(3):
    try:
        cache.add("a", 1, 10)
    except counter_errors() as error:
        print("refused")
print("left open", len(os.listdir("/dev/fd")) - before)
"""


def test_full_disk_is_told_as_such(tmp_path: Path) -> None:
    """A part of the file is written, and no more."""
    command = [sys.executable, "-c", FULL, str(tmp_path / "counters.table")]

    done = subprocess.run(command, capture_output=True, text=True, check=True)

    assert done.stdout.splitlines() == ["refused"] * 3 + ["left open 0"]


def test_file_with_holes_gets_its_place_on_the_disk(tmp_path: Path) -> None:
    path = tmp_path / "counters.table"
    with path.open("wb") as file:
        file.truncate((counters.ROWS * counters.WORDS + 1) * 8)

    CounterCache(str(path), {}).add("a", 1, 10)

    assert path.stat().st_blocks * 512 >= path.stat().st_size


def test_file_that_cannot_be_locked(pair: list[CounterCache]) -> None:
    pair[0].add("a", 1, 10)
    os.close(pair[0]._table._file)

    with pytest.raises(OSError, match="Bad file descriptor"):
        pair[0].incr("a")
    counters._mapped.cache_clear()


def test_counters_do_nothing_else(pair: list[CounterCache]) -> None:
    cache: BaseCache = pair[0]

    for use in (lambda: cache.set("a", 1), lambda: cache.delete("a")):
        with pytest.raises(NotImplementedError):
            use()
