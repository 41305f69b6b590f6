"""What a package is judged by: its history, read once for all its questions."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from packages import stats
from packages.events.found import PackageId
from packages.events.ledger import week_to
from packages.events.owners import owner
from packages.events.texts import Facts
from packages.histories import histories
from packages.mirrors import Dimension
from packages.models import Package
from packages.names import ALL_PACKAGES
from packages.stats import History

BATCH = 25


@dataclass(frozen=True)
class Subject:
    """A package, or (without an id) all of them, with what it did."""

    package_id: PackageId
    history: History

    @property
    def name(self) -> str:
        return self.history.package

    @cached_property
    def people(self) -> dict[date, int]:
        return self.history.people

    def by_python(self, sundays: Iterable[date]) -> list[Counter[str]]:
        """The downloads of each week that ends so, by Python version."""
        weeks = {day: last for last in sundays for day in week_to(last)}
        sums = {last: Counter[str]() for last in weeks.values()}
        for day, cells in self.history.cells(weeks).items():
            of_week = sums[weeks[day]]
            pythons = self.history.rule.categories(Dimension.PYTHON_MINOR, day)
            for client, downloads in cells.items():
                of_week[pythons[client]] += downloads
        return list(sums.values())

    def owner(self, day: date, weekdays: Sequence[date]) -> Facts | None:
        """Which kind of client owns what is unusual about ``day``."""
        cells = self.history.cells([day, *weekdays])
        clients = {client.id: client for client in self.history.state.clients}
        before = [cells.get(other, {}) for other in weekdays]
        return owner(cells.get(day, {}), before, clients)


def all_packages(*, last_days: int | None = None) -> Subject:
    return Subject(None, stats.history(ALL_PACKAGES, last_days=last_days))


def subjects(ids: Iterable[int], *, last_days: int | None = None) -> Iterator[Subject]:
    """Read the packages with these ids, each once; not all at once: they are large."""
    wanted = sorted(set(ids))
    for start in range(0, len(wanted), BATCH):
        packages = Package.objects.filter(id__in=wanted[start : start + BATCH])
        names = dict(packages.order_by("id").values_list("normalized_name", "id"))
        for history in histories(names, last_days=last_days):
            yield Subject(names[history.package], history)
