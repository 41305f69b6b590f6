"""Counters add up, expire, and are cleaned up."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.core.cache.backends.base import BaseCache

from packages.counters import CLEAN_EVERY, CounterCache

NOON = datetime(2026, 11, 19, 12, 0, 0, tzinfo=UTC)


@pytest.fixture
def pair(tmp_path: Path) -> list[CounterCache]:
    """Two caches of the same counters, as two processes have them."""
    return [CounterCache(str(tmp_path / "counters.sqlite3"), {}) for _ in range(2)]


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


def test_known_counter_needs_one_statement(
    pair: list[CounterCache], monkeypatch: pytest.MonkeyPatch
) -> None:
    one, _ = pair
    one.add("a", 1, 10)
    statements: list[str] = []
    fetch = one._fetch

    def spied(sql: str, bound: dict[str, Any]) -> int | None:
        statements.append(sql)
        return fetch(sql, bound)

    monkeypatch.setattr(one, "_fetch", spied)

    one.add("a", 1, 10)
    one.incr("a")

    assert [sql.split()[0] for sql in statements] == ["UPDATE"]


def test_expired_counters_are_removed(
    pair: list[CounterCache],
    clock: time_machine.Traveller,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    one, _ = pair
    for number in range(CLEAN_EVERY - 2):
        one.add(f"{number}", 1, 10)
    clock.shift(11)
    one.add("new", 1, 10)
    one.add("newer", 1, 10)

    rows = "SELECT count(*) FROM counter"
    before = one._fetch(rows, {})
    one.add("newest", 1, 10)

    assert (before, one._fetch(rows, {})) == (CLEAN_EVERY, 3)


def test_what_is_known_stays_small(
    pair: list[CounterCache], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("packages.counters.MOST_KNOWN", 5)
    one, _ = pair

    for number in range(23):
        one.add(f"{number}", 1, 10)

    assert len(one._known) <= 5


def test_counters_do_nothing_else(pair: list[CounterCache]) -> None:
    cache: BaseCache = pair[0]

    for use in (lambda: cache.set("a", 1), lambda: cache.delete("a")):
        with pytest.raises(NotImplementedError):
            use()
