"""The packed form keeps what is put in, whatever the order."""

from collections import Counter
from random import Random

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from packages import cells as packed
from packages.packed_month import PackedMonth

CELLS = st.dictionaries(st.integers(1, 10**6), st.integers(1, 2**58), max_size=8)
DAYS = st.integers(1, 31)
WRITES = st.lists(st.tuples(DAYS, CELLS), max_size=40)


def written(writes: list[tuple[int, dict[int, int]]]) -> str:
    days = ""
    for day, cells in writes:
        days = packed.replace_day(days, day, cells)
    return days


@given(WRITES)
def test_the_last_write_of_a_day_is_its_truth(
    writes: list[tuple[int, dict[int, int]]],
) -> None:
    expected = {day: cells for day, cells in dict(writes).items() if cells}

    assert packed.unpack_days(written(writes)) == expected


@given(WRITES, st.randoms(use_true_random=False))
def test_days_may_be_appended_in_any_order(
    writes: list[tuple[int, dict[int, int]]], random: Random
) -> None:
    month = list(dict(writes).items())
    shuffled = random.sample(month, len(month))

    appended = "".join(packed.pack_day(day, cells) for day, cells in shuffled)

    assert packed.unpack_days(appended) == packed.unpack_days(written(month))


@given(WRITES, DAYS)
def test_total_is_the_sum_of_the_cells(
    writes: list[tuple[int, dict[int, int]]], day: int
) -> None:
    expected = sum(dict(writes).get(day, {}).values())

    assert packed.day_total(written(writes), day) == expected


@given(WRITES, DAYS)
def test_a_mark_stands_only_where_its_day_begins(
    writes: list[tuple[int, dict[int, int]]], day: int
) -> None:
    days = written(writes)

    held = day in packed.unpack_days(days)

    assert days.count(packed.day_mark(day)) == int(held)


@given(WRITES)
def test_summing_a_month_loses_no_download(
    writes: list[tuple[int, dict[int, int]]],
) -> None:
    days = written(writes)
    expected: Counter[int] = Counter()
    for cells in packed.unpack_days(days).values():
        expected.update(cells)

    assert packed.sum_by_client(days) == expected
    assert packed.sum_by_client(packed.settle(days)) == expected
    sums = packed.pack_cells(expected)
    assert packed.pack_sums(days) == packed.pack_sums(packed.settle(days)) == sums


@given(CELLS, CELLS)
def test_sums_of_cells_survive_packing(
    first: dict[int, int], second: dict[int, int]
) -> None:
    total = packed.add_cells(first, second)

    assert packed.unpack_cells(packed.pack_cells(total)) == total
    assert sum(total.values()) == sum(first.values()) + sum(second.values())


@given(DAYS, CELLS.filter(bool))
@settings(max_examples=50)
def test_duckdb_packs_alike(day: int, cells: dict[int, int]) -> None:
    rows = "SELECT unnest(?) AS client, unnest(?) AS downloads"
    sql = f"SELECT {packed.SQL_PACK_DAY.format(day=day)} FROM ({rows})"

    row = duckdb.execute(sql, [list(cells), list(cells.values())]).fetchone()

    assert row == (packed.pack_day(day, cells),)


@pytest.mark.parametrize("day", [0, 32, -1])
def test_a_month_has_no_other_days(day: int) -> None:
    with pytest.raises(ValueError, match="no day"):
        packed.pack_day(day, {1: 1})


@pytest.mark.parametrize("cells", [{1: -1}, {0: 1}])
def test_impossible_cells_are_refused(cells: dict[int, int]) -> None:
    with pytest.raises(ValueError, match="never negative"):
        packed.pack_day(1, cells)


def test_day_without_downloads_leaves_no_trace() -> None:
    assert packed.replace_day("[1,2,3,2],", 1, {3: 0}) == ""


@given(WRITES)
def test_settling_a_month_changes_no_figure(
    writes: list[tuple[int, dict[int, int]]],
) -> None:
    days = written(writes)

    settled = packed.settle(days)

    assert packed.unpack_days(settled) == packed.unpack_days(days)
    assert packed.settle(settled) == settled
    assert packed.reopen(settled) == packed.reopen(packed.reopen(settled))
    assert sorted(packed.read_days(settled)) == sorted(packed.read_days(days))


def test_settled_columns_take_the_shorter_way() -> None:
    days = "".join(packed.pack_day(day, {3: 7}) for day in range(1, 6))
    days += packed.pack_day(6, {9: 1})

    assert packed.settle(days) == "[[1,2,3,4,5,6],[3,7,7,7,7,7],[-9,5,1]],"


@given(WRITES, st.dictionaries(st.integers(1, 10**6), st.sampled_from("ab")))
def test_month_sums_alike_settled_and_open(
    writes: list[tuple[int, dict[int, int]]], others: dict[int, str]
) -> None:
    days = written(writes)
    clients = {client for _, cells in writes for client in cells}
    categories = {client: "ab"[client % 2] for client in clients if client % 3} | others
    expected = {
        (day, category): sum(
            n for client, n in cells.items() if categories.get(client) == category
        )
        for day, cells in packed.unpack_days(days).items()
        for category in "ab"
    }

    for form in (days, packed.settle(days)):
        month = PackedMonth(form)
        found = {
            (day, category): count
            for category, counts in month.sums(categories).items()
            for day, count in zip(month.days, counts, strict=True)
        }
        assert {key: n for key, n in found.items() if n} == {
            key: n for key, n in expected.items() if n
        }
        assert sorted(month.lines()) == sorted(packed.read_days(form))
        newest = max(
            (c for _, cs in packed.unpack_days(days).items() for c in cs), default=0
        )
        assert month.newest_client() == newest
