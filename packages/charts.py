"""Series shaped for a chart and its table: one column a category, one line a day."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from packages.mirrors import Dimension
from packages.snapshot import Snapshot
from packages.stats import History, Row


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
    values: dict[str, list[int | None]]
    days: list[date]

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
            "values": self.values,
        }


def package_charts(history: History) -> list[Chart]:
    """The charts of a package's page; none when it has no downloads to show."""
    days = shown_days(history.state)
    charts = [_chart("overall", "Downloads", history.overall(), history, days)]
    titles = {
        Dimension.PYTHON_MAJOR: "Python major versions",
        Dimension.PYTHON_MINOR: "Python minor versions",
        Dimension.SYSTEM: "Systems",
    }
    charts += [
        _chart(dimension.value, title, history.by(dimension), history, days)
        for dimension, title in titles.items()
    ]
    return [chart for chart in charts if chart.categories]


def shown_days(state: Snapshot) -> list[date]:
    """Every day from the first counted one of the window to its last."""
    if not state.days:
        return []
    counted = list(state.days)
    span = (counted[-1] - counted[0]).days
    return [counted[0] + timedelta(days=offset) for offset in range(span + 1)]


def _chart(
    key: str, title: str, rows: list[Row], history: History, days: list[date]
) -> Chart:
    empty = [0 if day in history.state.days else None for day in days]
    values: dict[str, list[int | None]] = {}
    first = days[0] if days else date.min
    for row in rows:
        column = values.setdefault(row.category, list(empty))
        column[(row.day - first).days] = row.downloads
    return Chart(key, title, key != "overall", list(values), values, days)
