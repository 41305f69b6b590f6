"""A month that is read once: its packed days, or its clients if it has settled."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby, islice, zip_longest
from operator import add

import orjson

from packages.cells import is_settled, opened

Sums = dict[str, list[int]]
"""Category -> downloads by day."""

Vectors = defaultdict[int, list[int]]
"""Client -> downloads in each period, and last of all on days of none of them."""

NOWHERE = -1
"""The place in a vector for days that nobody asks for."""


class PackedMonth:
    """A month that is read once; a settled one is summed without being opened."""

    def __init__(self, days: str) -> None:
        self._lines: list[list[int]] = []
        self._columns: list[list[int]] = []
        if is_settled(days):
            self.days, *self._columns = orjson.loads(days[:-1])
        else:
            self._lines = sorted(orjson.loads(f"[{days[:-1]}]"))
            self.days = [line[0] for line in self._lines]

    def lines(self) -> list[list[int]]:
        """The days as ``read_days`` gives them."""
        return self._lines or opened([self.days, *self._columns])

    def newest_client(self) -> int:
        newest = [abs(column[0]) for column in self._columns[-1:]]
        return max(newest + [line[-2] for line in self._lines], default=0)

    def sums(self, categories: Mapping[int, str]) -> dict[str, list[int]]:
        """Add up the clients that have a category; in the order of ``days``, rising."""
        found: Sums = defaultdict(lambda: [0] * len(self.days))
        _add_lines(found, self._lines, categories)
        _add_columns(found, self._columns, categories)
        return dict(found)

    def add_to(self, vectors: Vectors, places: Mapping[int, int]) -> None:
        """Add what each client downloaded on the days that have a place."""
        if self._columns:
            at = [places.get(day, NOWHERE) for day in self.days]
            _add_columns_to(vectors, self._columns, at)
        else:
            _add_lines_to(vectors, self._lines, places)


def _add_lines(
    found: Sums, lines: Iterable[list[int]], categories: Mapping[int, str]
) -> None:
    for place, line in enumerate(lines):
        for client, count in _cells(line):
            category = categories.get(client)
            if category is not None:
                found[category][place] += count


def _cells(line: list[int]) -> Iterator[tuple[int, int]]:
    cells = islice(line, 2, None)
    return zip(cells, cells, strict=True)


def _add_columns(
    found: Sums, columns: list[list[int]], categories: Mapping[int, str]
) -> None:
    """Add up; every answer about a package runs this, over hundreds of columns."""
    aligned: dict[str, list[list[int]]] = defaultdict(list)
    for column in columns:
        client = column[0]
        category = categories.get(client if client > 0 else -client)
        if category is None:
            continue
        if client > 0:
            aligned[category].append(column)
            continue
        sums = found[category]
        for at in range(1, len(column), 2):
            sums[column[at]] += column[at + 1]
    for category, together in aligned.items():
        _, *totals = map(sum, zip_longest(*together, fillvalue=0))
        sums = found[category]
        sums[: len(totals)] = map(add, sums, totals)


def _add_lines_to(
    vectors: Vectors, lines: Iterable[list[int]], places: Mapping[int, int]
) -> None:
    for line in lines:
        place = places.get(line[0])
        if place is not None:
            for client, downloads in _cells(line):
                vectors[client][place] += downloads


def _add_columns_to(
    vectors: Vectors, columns: Iterable[list[int]], at: Sequence[int]
) -> None:
    runs = list(_runs(at))
    for column in columns:
        client = column[0]
        if client > 0:
            vector = vectors[client]
            for place, start, end in runs:
                vector[place] += sum(column[start:end])
            continue
        vector = vectors[-client]
        for n in range(1, len(column), 2):
            vector[at[column[n]]] += column[n + 1]


def _runs(places: Iterable[int]) -> Iterator[tuple[int, int, int]]:
    """Yield each place, and where in a column its days begin and end."""
    start = 1  # after the client
    for place, together in groupby(places):
        end = start + len(list(together))
        if place != NOWHERE:
            yield place, start, end
        start = end
