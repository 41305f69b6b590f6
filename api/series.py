"""A package's series: what may be asked of one, and how it is answered."""

from dataclasses import dataclass
from datetime import date

from rest_framework.request import Request
from rest_framework.response import Response

from api.coverage import windows
from api.serializers import asked_category, choice, days_asked, truth
from packages import releases, stats
from packages.coverage import Days
from packages.list_choice import asked_list
from packages.mirrors import NULL, Dimension
from packages.periods import Granularity, summed, whole_periods
from packages.stats import History, Recent, Series

DIMENSION_PARAMETERS = {
    Dimension.PYTHON_MAJOR: "version",
    Dimension.PYTHON_MINOR: "version",
    Dimension.SYSTEM: "os",
    Dimension.INSTALLER: "installer",
    Dimension.CI: "ci",
}
"""The parameter that asks for one category of a series."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which days of a series are asked for, and as what."""

    first: date
    last: date
    granularity: Granularity
    partial: bool

    @classmethod
    def of(cls, request: Request) -> "Wanted":
        first, last = days_asked(request)
        granularity = choice(request, "granularity", Granularity) or Granularity.DAY
        partial = truth(request, "partial") or False
        return cls(first, last, Granularity(granularity), partial)

    def history(self, request: Request, package: str) -> History:
        mirror_list = asked_list(request.query_params)
        history = stats.history(package, mirror_list, since=self.first)
        if self.first == date.min and self.last == date.max:
            return history
        return history.between(self.first, self.last)

    def answer(self, series: Series, counted: Days) -> list[dict[str, object]]:
        if self.granularity is not Granularity.DAY:
            series = summed(series, self.granularity, self._whole(counted))
        return [
            {"category": category, "date": day, "downloads": downloads}
            for category, by_day in series.items()
            for day, downloads in by_day.items()
        ]

    def _whole(self, counted: Days) -> set[date] | None:
        """The periods of whose days none is missing, unfinished or left out."""
        if self.partial:
            return None
        over = (day for day, row in counted.items() if row.is_over)
        asked = (day for day in over if self.first <= day <= self.last)
        return whole_periods(asked, self.granularity)


def overall(request: Request, package: str) -> Response:
    wanted = Wanted.of(request)
    mirrors = truth(request, "mirrors")
    history = wanted.history(request, package)
    rows = wanted.answer(history.totals(mirrors=mirrors), history.counted)
    return answer(history.package, "overall_downloads", rows)


def by_category(request: Request, package: str, dimension: Dimension) -> Response:
    wanted = Wanted.of(request)
    history = wanted.history(request, package)
    parameter = DIMENSION_PARAMETERS[dimension]
    category = asked_category(request, parameter, dimension, history.state)
    series = _only(category, history.categories(dimension))
    answered = wanted.answer(series, history.counted)
    return answer(history.package, f"{dimension}_downloads", answered)


def by_version(request: Request, package: str) -> Response:
    wanted = Wanted.of(request)
    mirror_list = asked_list(request.query_params)
    found = releases.of_package(package, mirror_list, since=wanted.first)
    known = found.versions()
    version = choice(request, "version", known if NULL in known else [*known, NULL])
    shown = found.between(wanted.first, wanted.last)
    answered = wanted.answer(_only(version, shown.by_version()), found.counted)
    return answer(found.package, "version_downloads", answered)


def whole(request: Request, package: str) -> Response:
    """Every series of one package, and its recent downloads, in one answer."""
    wanted = Wanted.of(request)
    mirror_list = asked_list(request.query_params)
    history = stats.history(package, mirror_list)
    shown = history.between(wanted.first, wanted.last)
    data: dict[str, object] = {
        "data_through": history.recent().through,
        "list": history.rule.name,
        "windows": windows(history.state, history.counted),
        "recent": recent_data(history.recent()),
        "recent_with_mirrors": recent_data(history.recent(mirrors=True)),
        "overall": wanted.answer(shown.totals(), history.counted),
    }
    for dimension in Dimension:
        series = shown.categories(dimension)
        data[dimension.value] = wanted.answer(series, history.counted)
    return answer(history.package, "package", data)


def _only(category: str | None, series: Series) -> Series:
    """Return one category, if there is any of it; all of them for None."""
    if category is None:
        return series
    return {category: series[category]} if category in series else {}


def recent_data(recent: Recent) -> dict[str, int]:
    return {
        "last_day": recent.last_day,
        "last_week": recent.last_week,
        "last_month": recent.last_month,
    }


def answer(package: str, kind: str, data: object) -> Response:
    return Response({"data": data, "package": package, "type": kind})
