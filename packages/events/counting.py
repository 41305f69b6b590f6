"""On which days a package was counted: of the others nobody knows its downloads."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from packages.models import CountedDay, Package
from packages.names import ALL_PACKAGES
from packages.snapshot import Snapshot

Names = frozenset[str] | None
"""Packages that were counted; None stands for all of them."""


@dataclass(frozen=True, slots=True)
class Counting:
    """Whom each counted day was counted for; empty if every day was for all."""

    names: Mapping[date, Names]

    @classmethod
    def of(cls, state: Snapshot) -> "Counting":
        return state.remembered("whom days were counted for", lambda: cls(_read()))

    def counts(self, package: str, day: date) -> bool:
        names = self.names.get(day)
        return names is None or package in names

    def are_alike(self, package: str, day: date, other: date) -> bool:
        """Say whether the two days of the package, or of all, may be compared."""
        if package == ALL_PACKAGES:
            return self.names.get(day) == self.names.get(other)
        return self.counts(package, day) and self.counts(package, other)

    def counted_on(self, days: Iterable[date]) -> Callable[[int], bool]:
        """Return what tells, by its id, a package that was counted on all ``days``."""
        known = [self.names.get(day) for day in days]
        some = [names for names in known if names is not None]
        if not some:
            return lambda _package: True
        packages = Package.objects.filter(
            normalized_name__in=frozenset.intersection(*some)
        )
        return set(packages.values_list("id", flat=True)).__contains__

    def left_out(self, package: str, day: date) -> date | None:
        """The last day up to ``day`` that was counted without the package."""
        days = (d for d in self.names if d <= day and not self.counts(package, d))
        return max(days, default=None)

    def began(self, package: str, day: date) -> date | None:
        """The day from which on the package was counted up to ``day``, itself counted.

        None: it was counted before, too, and left out in between.
        """
        gap = self.left_out(package, day)
        if gap is None:
            return min(self.names, default=date.min)
        if any(d < gap and self.counts(package, d) for d in self.names):
            return None
        return min(d for d in self.names if d > gap)


def _read() -> dict[date, Names]:
    """Few lists stand for many days, so each is kept once."""
    if not CountedDay.objects.for_some().exists():
        return {}
    lists: dict[str, Names] = {}
    rows = CountedDay.objects.counted().only("day", "counted_for")
    return {
        row.day: lists.setdefault(row.counted_for, row.packages_counted) for row in rows
    }
