"""A package's periods as numbers: each beside the one before and a year ago."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from feeds.counted import Counted, counted, counted_periods, list_changed_at
from feeds.periods import Every, Period
from packages.mirrors import Dimension
from packages.stats import History, Summary

BREAKDOWNS = {
    Dimension.PYTHON_MINOR: "Python",
    Dimension.SYSTEM: "System",
    Dimension.INSTALLER: "Installer",
}


@dataclass(frozen=True, slots=True)
class Comparison:
    """An earlier period's downloads, without mirrors."""

    period: Period
    downloads: int
    comparable: bool


@dataclass(frozen=True, slots=True)
class Figures:
    """One period of one package."""

    counted: Counted
    now: Summary
    before: Comparison | None
    """The period before; None when none of its days was counted."""
    year_ago: Comparison | None
    """The same period a year ago, if all of its days are kept."""
    updated_at: datetime

    @property
    def period(self) -> Period:
        return self.counted.period


def figures(history: History, every: Every) -> Iterator[Figures]:
    """The package's finished periods, newest first.

    One without downloads is told of once, after one that had some.
    """
    summed: dict[Period, Summary] = {}

    def summary(period: Period) -> Summary:
        if period not in summed:
            parts = (period.first, period.last, tuple(BREAKDOWNS))
            summed[period] = history.summed(*parts)
        return summed[period]

    for one in counted_periods(every, history.state):
        now, earlier = summary(one.period), summary(one.period.before())
        stopped = one.is_whole and earlier.with_mirrors and every is not Every.DAY
        if now.with_mirrors or stopped:
            yield _figures(history, one, now, earlier)


def _figures(history: History, one: Counted, now: Summary, earlier: Summary) -> Figures:
    state = history.state
    before = counted(one.period.before(), state)
    year_ago = counted(one.period.year_ago(), state)
    known = [one, before, *([year_ago] if year_ago.is_whole else [])]
    changed_at = list_changed_at(history.rule.name, state) or one.counted_at
    return Figures(
        counted=one,
        now=now,
        before=_comparison(one, before, earlier) if before.days else None,
        year_ago=(
            _comparison(one, year_ago, _summed(history, year_ago.period))
            if year_ago.is_whole
            else None
        ),
        updated_at=max(
            one.period.over_at, changed_at, *(period.counted_at for period in known)
        ),
    )


def _comparison(one: Counted, other: Counted, summary: Summary) -> Comparison:
    return Comparison(
        other.period, summary.without_mirrors, one.is_comparable_with(other)
    )


def _summed(history: History, period: Period) -> Summary:
    return history.summed(period.first, period.last)
