"""Series shaped for a chart and its table: one column a category, one line a day."""

from collections.abc import Iterable, Sized
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from typing import NamedTuple

from packages import coverage
from packages.incidents import shown_incidents
from packages.mirrors import Dimension
from packages.models import Incident
from packages.snapshot import Snapshot
from packages.stats import History, Row

MAX_CATEGORIES = 24
"""A chart with more shows the largest and sums the others up as ``REST``."""

REST = "smaller ones"

Column = list[int | None]

TITLES = {
    Dimension.PYTHON_MAJOR: "Python major versions",
    Dimension.PYTHON_MINOR: "Python minor versions",
    Dimension.SYSTEM: "Systems",
}


@dataclass(frozen=True, slots=True)
class Chart:
    """Downloads by day and category.

    A value is 0 on a counted day without downloads and None on a day never counted.
    """

    key: str
    title: str
    shares: bool
    """Whether the categories add up to a whole, so that shares mean something."""
    categories: list[str]
    values: dict[str, Column]
    days: list[date]

    def labels(self) -> list[str]:
        """The categories as people read them."""
        return [name.replace("_", " ") for name in self.categories]

    def lines(self) -> Iterable[tuple[date, list[int | None]]]:
        """The table's lines, newest day first."""
        columns = [self.values[name] for name in self.categories]
        lines = zip(self.days, zip(*columns, strict=True), strict=True)
        return [(day, list(values)) for day, values in lines][::-1]

    def data(self) -> dict[str, object]:
        """What the chart's script reads."""
        return {
            "key": self.key,
            "title": self.title,
            "shares": self.shares,
            "categories": self.categories,
            "labels": self.labels(),
            "values": self.values,
        }


class Change(NamedTuple):
    """The first day shown on which a download means something else than before."""

    day: date
    definition: str
    """What counts from then on, in words."""


@dataclass(frozen=True, slots=True)
class Marks:
    """What charts draw beside the numbers, so that nobody takes it for use."""

    changes: list[Change]
    """Each time that a download began to mean something else."""
    missing: list[date]
    incidents: list[Incident]
    incident_days: frozenset[date]

    def data(self) -> dict[str, object]:
        """What the charts' script reads."""
        return {
            "changed_on": [change.day for change in self.changes],
            "missing": self.missing,
            "incidents": [
                {"first": one.first_day, "last": one.last_day, "title": one.title}
                for one in self.incidents
            ],
            "incident_days": sorted(self.incident_days),
        }

    def description(self) -> str:
        """What the marks look like and mean, for those who do not see them."""
        parts = []
        if self.missing:
            parts.append(f"Hatched, because never counted: {_counted(self.missing)}.")
        if self.changes:
            line = "Dashed line" if len(self.changes) == 1 else "Dashed lines"
            days = ", ".join(str(change.day) for change in self.changes)
            parts.append(f"{line}: change of definition on {days}.")
        if self.incident_days:
            parts.append(f"Tinted, for an incident: {_counted(self.incident_days)}.")
        return " ".join(parts)


def chart_marks(history: History) -> Marks:
    state = history.state
    within = [
        day for day, row in state.days.items() if row.status == row.Status.INCIDENT
    ]
    return Marks(
        changes=definition_changes(state),
        missing=coverage.missing_days(state, history.counted),
        incidents=shown_incidents(state),
        incident_days=frozenset(within),
    )


def package_charts(history: History) -> list[Chart]:
    """The charts of a package's page; none when it has no downloads to show."""
    days = shown_days(history)
    charts = [_chart("overall", "Downloads", history.overall(), history, days)]
    charts += [
        _chart(dimension.value, title, history.by(dimension), history, days)
        for dimension, title in TITLES.items()
    ]
    return [chart for chart in charts if chart.categories]


def shown_days(history: History) -> list[date]:
    """Every day from the package's first counted one of the window to its last."""
    if not history.counted:
        return []
    first, last = min(history.counted), max(history.state.days)
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]


def definition_changes(state: Snapshot) -> list[Change]:
    """Where downloads of the days shown change their meaning, oldest first."""
    return [
        Change(after.day, after.get_definition_display())
        for before, after in pairwise(state.days.values())
        if before.definition != after.definition
    ]


def _chart(
    key: str, title: str, rows: list[Row], history: History, days: list[date]
) -> Chart:
    counted = history.counted
    empty: Column = [0 if day in counted else None for day in days]
    first = days[0].toordinal() if days else 0
    values: dict[str, Column] = {}
    for category, day, downloads in rows:
        if category not in values:
            values[category] = empty.copy()
        values[category][day.toordinal() - first] = downloads
    if len(values) > MAX_CATEGORIES:
        values = _largest(values)
    return Chart(key, title, key != "overall", list(values), values, days)


def _largest(values: dict[str, Column]) -> dict[str, Column]:
    ranked = sorted(values, key=lambda name: _total(values[name]), reverse=True)
    kept = set(ranked[: MAX_CATEGORIES - 1])
    others = [column for name, column in values.items() if name not in kept]
    rest = [_line_total(line) for line in zip(*others, strict=True)]
    return {name: values[name] for name in values if name in kept} | {REST: rest}


def _total(column: Column) -> int:
    return sum(value or 0 for value in column)


def _line_total(line: tuple[int | None, ...]) -> int | None:
    """Add up one day; None when the day was never counted."""
    known = [value for value in line if value is not None]
    return sum(known) if known else None


def _counted(days: Sized) -> str:
    return "1 day" if len(days) == 1 else f"{len(days)} days"
