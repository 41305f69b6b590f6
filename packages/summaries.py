"""One package's downloads over many periods at once, as a feed tells them.

Cells are added up by client and period first, and by category after that: a feed asks
for few periods, and for many categories of each.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from operator import itemgetter

from packages.mirrors import MIRRORS_ALONE, WITHOUT_MIRRORS, Dimension
from packages.packed_month import Vectors
from packages.stats import History

DAY = timedelta(days=1)

Span = tuple[date, date]
"""The first and the last day of a period, both included."""

Sums = defaultdict[str, list[int]]
"""Category -> downloads in each period."""

_downloads = itemgetter(1)


@dataclass(frozen=True, slots=True)
class Summary:
    """One package's downloads over some days, as a feed tells them."""

    with_mirrors: int
    without_mirrors: int
    breakdowns: Mapping[Dimension, list[tuple[str, int]]]
    """Downloads without mirrors by category, largest first."""


@dataclass(frozen=True)
class Spans:
    """Periods that share no day; the same ones are asked of many packages."""

    periods: Sequence[Span]

    @cached_property
    def places(self) -> dict[date, int]:
        """Each day's place among the periods."""
        return {
            first + n * DAY: place
            for place, (first, last) in enumerate(self.periods)
            for n in range((last - first).days + 1)
        }


def summaries(
    history: History, spans: Spans, dimensions: Collection[Dimension] = ()
) -> list[Summary]:
    """Add up each of ``spans``.

    Days that were never counted add nothing: the caller says so.
    """
    length = len(spans.periods)
    kinds = _sums(length)
    categories = {name: _sums(length) for name in dimensions}
    for day, vectors in _by_era(history, spans):
        _add(kinds, vectors, history.rule.kinds(day))
        for name, sums in categories.items():
            _add(sums, vectors, history.rule.categories(name, day))
    ranked = {name: _ranked(sums, length) for name, sums in categories.items()}
    mirrors, people = kinds[MIRRORS_ALONE], kinds[WITHOUT_MIRRORS]
    return [
        Summary(
            with_mirrors=mirrors[place] + people[place],
            without_mirrors=people[place],
            breakdowns={name: found[place] for name, found in ranked.items()},
        )
        for place in range(length)
    ]


def _sums(length: int) -> Sums:
    return defaultdict(lambda: [0] * length)


def _by_era(history: History, spans: Spans) -> Iterator[tuple[date, Vectors]]:
    """Add up by client the days on which the same ones are mirrors; yield one of them.

    Nearly always these are all days.
    """
    length, place = len(spans.periods), spans.places
    months = [(history.shown(month), packed) for month, packed in history.months]
    shown = [day for days, _ in months for day in days.values() if day in place]
    for era in history.rule.eras(shown):
        places = {day: place[day] for day in era}
        vectors: Vectors = defaultdict(lambda: [0] * (length + 1))
        for days, packed in months:
            of_month = {n: places[day] for n, day in days.items() if day in places}
            if of_month:
                packed.add_to(vectors, of_month)
        if era:
            yield era[0], vectors


def _add(sums: Sums, vectors: Vectors, categories: Mapping[int, str]) -> None:
    together: defaultdict[str, list[list[int]]] = defaultdict(list)
    for client, vector in vectors.items():
        category = categories.get(client)
        if category is not None:
            together[category].append(vector)
    for category, found in together.items():
        totals = map(sum, zip(sums[category], *found, strict=False))
        sums[category] = list(totals)


def _ranked(sums: Sums, length: int) -> list[list[tuple[str, int]]]:
    """Return, for each period, its categories; the largest first, then by name."""
    names = sorted(sums)
    ranked = []
    for downloads in zip(*(sums[name] for name in names), strict=True):
        rows = [row for row in zip(names, downloads, strict=True) if row[1]]
        rows.sort(key=_downloads, reverse=True)
        ranked.append(rows)
    return ranked or [[] for _ in range(length)]
