"""What another rule would do to the numbers of the last 30 days, before it is stored.

The totals of the whole index come from the ledger's cells. Packages are compared among
the largest of those days only, so that the work does not grow with their number.
"""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import NamedTuple

from packages import snapshot
from packages.cells import Cells, read_days, unpack_cells
from packages.list_states import ListState
from packages.models import CountedDay, DownloadRecord, MirrorEntry
from packages.models.downloads import month_of
from packages.snapshot import Snapshot
from packages.stats import MONTH

CANDIDATES = 200
"""So many of the days' largest packages are compared."""

SHOWN_PACKAGES = 20

Clients = Collection[int]
_Spans = dict[str, list[tuple[date, date]]]


@dataclass(frozen=True, slots=True)
class Moved:
    """One sum before and after, and what goes in and out of it."""

    before: int = 0
    after: int = 0
    moved_in: int = 0
    moved_out: int = 0

    @property
    def moved(self) -> int:
        return self.moved_in + self.moved_out

    def __add__(self, other: "Moved") -> "Moved":
        return Moved(
            self.before + other.before,
            self.after + other.after,
            self.moved_in + other.moved_in,
            self.moved_out + other.moved_out,
        )


@dataclass(frozen=True, slots=True)
class MovedPackage:
    """A package whose downloads without mirrors change."""

    name: str
    downloads: Moved


@dataclass(frozen=True, slots=True)
class Installer:
    """An installer and its downloads; the name is ``""`` when none was sent."""

    name: str
    downloads: int


@dataclass(frozen=True, slots=True)
class Preview:
    """The last 30 days under one rule and under another."""

    first: date | None
    last: date | None
    counted_days: int
    downloads: int
    """All downloads of these days, whatever a list says."""
    without_mirrors: Moved
    with_mirrors: Moved
    packages: tuple[MovedPackage, ...]
    """The packages moved most, among the candidates."""
    compared_packages: int
    unlisted: tuple[Installer, ...]
    """Installers of these days that are on no list, largest first."""

    def share(self, downloads: int) -> float:
        """Return the percentage that ``downloads`` are of all."""
        return 100 * downloads / self.downloads if self.downloads else 0.0


class _Sets(NamedTuple):
    """The clients that count on a day, before and after."""

    before: Clients
    after: Clients

    def moved(self, cells: Cells) -> Moved:
        old = new = moved_in = moved_out = 0
        for client, downloads in cells.items():
            if client in self.before:
                old += downloads
                moved_out += 0 if client in self.after else downloads
            if client in self.after:
                new += downloads
                moved_in += 0 if client in self.before else downloads
        return Moved(old, new, moved_in, moved_out)


def preview(before: ListState, after: ListState, *, replacing: bool) -> Preview:
    """Compare the numbers under ``before`` with those under ``after``; store nothing.

    ``replacing`` says that ``before`` is no list any more once ``after`` is stored.
    """
    state = snapshot.current()
    days = _days(state)
    cells = {counted.day: unpack_cells(counted.cells) for counted in days}
    old, new = before.rule(state.clients), after.rule(state.clients)
    people = {day: _Sets(old.people(day), new.people(day)) for day in cells}
    counted = _Sets(old.counted, new.counted)
    without = _total(people[day].moved(of_day) for day, of_day in cells.items())
    names = _candidates(days) if without.moved else []
    return Preview(
        first=_first(state),
        last=state.window.last if state.window else None,
        counted_days=len(cells),
        downloads=sum(sum(of_day.values()) for of_day in cells.values()),
        without_mirrors=without,
        with_mirrors=_total(counted.moved(of_day) for of_day in cells.values()),
        packages=_moved_packages(names, people),
        compared_packages=len(names),
        unlisted=_unlisted(cells, state, _listed(before, after, replacing=replacing)),
    )


def _first(state: Snapshot) -> date | None:
    return state.window.last - timedelta(days=MONTH - 1) if state.window else None


def _days(state: Snapshot) -> list[CountedDay]:
    first = _first(state)
    shown = [day for day in state.days if first is not None and day >= first]
    return list(
        CountedDay.objects.filter(day__in=shown).only("day", "cells", "largest")
    )


def _total(parts: Iterator[Moved]) -> Moved:
    return sum(parts, start=Moved())


def _candidates(days: list[CountedDay]) -> list[str]:
    """The largest packages of these days, by their downloads while among them."""
    sums = Counter[str]()
    for counted in days:
        sums.update(dict(counted.largest))
    ranked = sorted(sums.items(), key=lambda item: (-item[1], item[0]))
    return [name for name, _ in ranked[:CANDIDATES]]


def _moved_packages(
    names: list[str], people: Mapping[date, _Sets]
) -> tuple[MovedPackage, ...]:
    sums = dict.fromkeys(names, Moved())
    for name, day, cells in _records(names, people):
        sums[name] += people[day].moved(cells)
    moved = [MovedPackage(name, total) for name, total in sums.items() if total.moved]
    moved.sort(key=lambda package: (-package.downloads.moved, package.name))
    return tuple(moved[:SHOWN_PACKAGES])


def _records(
    names: list[str], days: Collection[date]
) -> Iterator[tuple[str, date, Cells]]:
    """The cells of each package on each of ``days``."""
    records = DownloadRecord.objects.filter(
        package__normalized_name__in=names, month__in={month_of(day) for day in days}
    ).order_by()
    rows = records.values_list("package__normalized_name", "month", "days")
    for name, month, packed_days in rows.iterator(chunk_size=50):
        for packed in read_days(packed_days):
            day = month.replace(day=packed[0])
            if day in days:
                yield name, day, dict(zip(packed[2::2], packed[3::2], strict=True))


def _listed(before: ListState, after: ListState, *, replacing: bool) -> _Spans:
    """The days on which installers are on any list, once ``after`` is stored."""
    entries = MirrorEntry.objects.order_by()
    if replacing:
        entries = entries.exclude(mirror_list__name=before.name)
    spans: _Spans = {}
    for entry in [*entries, *(entry.entry() for entry in after.entries)]:
        first, last = entry.valid_from or date.min, entry.valid_until or date.max
        spans.setdefault(entry.installer, []).append((first, last))
    return spans


def _unlisted(
    cells: Mapping[date, Cells], state: Snapshot, listed: _Spans
) -> tuple[Installer, ...]:
    """An entry that has expired, or is not in force yet, lists nobody on a day."""
    names = {client.id: client.installer for client in state.clients}
    sums = Counter[str]()
    for day, of_day in cells.items():
        on_day = {
            name
            for name, spans in listed.items()
            if any(first <= day <= last for first, last in spans)
        }
        for client, downloads in of_day.items():
            # It may have come after the snapshot was taken.
            if client in names and names[client] not in on_day:
                sums[names[client]] += downloads
    found = [Installer(name, downloads) for name, downloads in sums.items()]
    return tuple(sorted(found, key=lambda one: (-one.downloads, one.name)))
