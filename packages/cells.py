"""The packed days of a download record: append, replace, read, sum.

A *cell* is one client's downloads on one day. A packed day is
``[day,total,client,downloads,client,downloads,...],`` with ``day`` the day of the month
(1 to 31) and clients in rising order; a record's ``days`` is any number of packed days,
in any order. So a day is appended by concatenation, found and cut out by a database's
own text functions (``packages.store``), and a month is read by one JSON parse.

A month that has *settled* is packed by client instead, once:
``[[day,...],[client,downloads,...],[-client,place,downloads,...],...],``. The first
list has the days with downloads; a client's downloads stand in their order, or, where
that is shorter, as pairs of a place among the days and its downloads. ``read_days`` and
everything built on it read both forms; what writes a day needs the open one.

Packed cells without a day (``CountedDay.cells``, ``DownloadRecord.trimmed``) are
``[client,downloads,...]``.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain
from typing import Any

import orjson

Cells = Mapping[int, int]
"""Client id -> downloads, all above zero."""

# Client and downloads are sorted as one number each: DuckDB's string_agg(... ORDER BY)
# takes twice as long.
SQL_PACK_DAY = (
    "'[' || {day} || ',' || sum(downloads)::BIGINT || ',' || array_to_string("
    "list_transform(list_sort(list(client::HUGEINT << 64 | downloads)),"
    " LAMBDA cell: (cell >> 64) || ',' || (cell & 18446744073709551615)), ',') || '],'"
)
"""``pack_day`` of a group of rows of ``client`` and ``downloads``, for DuckDB."""


def pack_day(day: int, cells: Cells) -> str:
    """Pack one day; the empty string for a day without downloads."""
    kept = _checked(cells)
    if not kept:
        return ""
    if not 1 <= day <= 31:
        message = f"a month has no day {day}"
        raise ValueError(message)
    return f"{_dumps([day, sum(kept.values()), *_flat(kept)])},"


def unpack_days(days: str) -> dict[int, dict[int, int]]:
    """Read the packed days of a month: day of the month -> cells, in rising order."""
    return {packed[0]: _cells(packed[2:]) for packed in sorted(read_days(days))}


def read_days(days: str) -> list[list[int]]:
    """Read the packed days of a month, as flat lists: the form that costs least."""
    parsed: list[Any] = orjson.loads(f"[{days[:-1]}]")
    return opened(parsed[0]) if is_settled(days) else parsed


def line_of_day(day: int, total: int, packed: str) -> list[int]:
    """Put cells that belong to no day into the form of one day's."""
    return [day, total, *orjson.loads(packed)]


def pack_lines(lines: Iterable[list[int]]) -> str:
    """Pack days that are in ``read_days``'s form already."""
    return "".join(f"{_dumps(line)}," for line in lines)


def is_settled(days: str) -> bool:
    """Say whether a month is packed by client; no open month begins like that."""
    return days.startswith("[[")


def settle(days: str) -> str:
    """Pack a month by client; ``reopen`` gives the same days back, in rising order."""
    if not days or is_settled(days):
        return days
    lines = sorted(read_days(days))
    columns: dict[int, list[int]] = {}
    for place, line in enumerate(lines):
        for client, count in zip(line[2::2], line[3::2], strict=True):
            columns.setdefault(client, []).extend((place, count))
    packed = [_column(client, pairs) for client, pairs in sorted(columns.items())]
    return f"{orjson.dumps([[line[0] for line in lines], *packed]).decode()},"


def reopen(days: str) -> str:
    """Return the open form of a month, which days can be cut from and added to."""
    return pack_lines(read_days(days))


def replace_day(days: str, day: int, cells: Cells) -> str:
    """Return ``days`` with ``cells`` as the whole truth about ``day``."""
    start = days.find(day_mark(day))
    if start >= 0:
        days = days[:start] + days[days.index("],", start) + 2 :]
    return days + pack_day(day, cells)


def day_mark(day: int) -> str:
    """Return the text that a packed day starts with, and nothing else does."""
    return f"[{day},"


def day_total(days: str, day: int) -> int:
    """Return all downloads of ``day``; 0 when it is not among ``days``."""
    return next((packed[1] for packed in read_days(days) if packed[0] == day), 0)


def pack_cells(cells: Cells) -> str:
    """Pack cells that belong to no day; the empty string when there are none."""
    kept = _checked(cells)
    return _dumps(_flat(kept)) if kept else ""


def unpack_cells(packed: str) -> dict[int, int]:
    return _cells(orjson.loads(packed)) if packed else {}


def add_cells(first: Cells, second: Cells) -> dict[int, int]:
    """Return the sum of two days' cells."""
    return dict(Counter(first) + Counter(second))


def sum_by_client(days: str) -> dict[int, int]:
    """Add up a month's days, by client."""
    if is_settled(days):
        return dict(_settled_sums(days))
    sums: Counter[int] = Counter()
    for line in read_days(days):
        sums.update(_cells(line[2:]))
    return dict(sums)


def pack_sums(days: str) -> str:
    """Pack what ``sum_by_client`` adds up; of a settled month without a look at it."""
    if not is_settled(days):
        return pack_cells(sum_by_client(days))
    return _dumps(chain.from_iterable(_settled_sums(days)))


def _settled_sums(days: str) -> Iterator[tuple[int, int]]:
    _, *columns = orjson.loads(days[:-1])
    return map(_summed, columns)


def _summed(column: list[int]) -> tuple[int, int]:
    client = column[0]
    if client < 0:
        return -client, sum(column[2::2])
    return client, sum(column) - client


def _column(client: int, pairs: list[int]) -> list[int]:
    """Pack one client's month in the shorter of two ways."""
    last = pairs[-2]
    if len(pairs) <= last:
        return [-client, *pairs]
    aligned = [0] * (last + 1)
    for place, count in zip(pairs[::2], pairs[1::2], strict=True):
        aligned[place] = count
    return [client, *aligned]


def opened(columns: list[list[int]]) -> list[list[int]]:
    days, *packed = columns
    lines = [[day, 0] for day in days]
    for column in packed:
        client = abs(column[0])
        for place, count in _placed(column):
            if count:
                lines[place][1] += count
                lines[place] += (client, count)
    return lines


def _placed(column: list[int]) -> Iterable[tuple[int, int]]:
    if column[0] < 0:
        return zip(column[1::2], column[2::2], strict=True)
    return enumerate(column[1:])


def _checked(cells: Cells) -> dict[int, int]:
    if any(count < 0 or client < 1 for client, count in cells.items()):
        message = "downloads are never negative and client ids start at 1"
        raise ValueError(message)
    return {client: count for client, count in sorted(cells.items()) if count}


def _flat(cells: Cells) -> Iterator[int]:
    for client, count in cells.items():
        yield client
        yield count


def _cells(flat: list[int]) -> dict[int, int]:
    return dict(zip(flat[::2], flat[1::2], strict=True))


def _dumps(numbers: list[int] | Iterator[int]) -> str:
    return orjson.dumps(list(numbers)).decode()
