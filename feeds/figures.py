"""A package's periods as numbers: each beside the one before and a year ago."""

from collections.abc import Iterator, Sequence
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

BATCH = {Every.DAY: 30, Every.WEEK: 13, Every.MONTH: 12}


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
    published_at: datetime
    """When the period was over, however late it was counted; a running day earlier."""
    updated_at: datetime

    @property
    def period(self) -> Period:
        return self.counted.period


def figures(
    history: History, every: Every, *, year_ago: bool = True
) -> Iterator[Figures]:
    """The package's finished periods, newest first.

    ``year_ago`` needs a history of all kept days. A period without downloads, mirrors
    aside, is told of once, after one that had some.
    """
    periods = counted_periods(every, history.counted, history.state)
    # A feed rarely needs more than the first batch, so no other day is summed.
    for start in range(0, len(periods), BATCH[every]):
        batch = periods[start : start + BATCH[every]]
        yield from _figures_of(batch, history, year_ago=year_ago)


def _figures_of(
    batch: Sequence[Counted], history: History, *, year_ago: bool
) -> Iterator[Figures]:
    newest, oldest = batch[0].period, batch[-1].period
    near = history.between(oldest.before().first, newest.last)
    far = history.between(oldest.year_ago().first, newest.year_ago().last)
    summed: dict[Period, Summary] = {}

    def summary(period: Period) -> Summary:
        if period not in summed:
            parts = (period.first, period.last, tuple(BREAKDOWNS))
            summed[period] = near.summed(*parts)
        return summed[period]

    for one in batch:
        now, earlier = summary(one.period), summary(one.period.before())
        is_day = one.period.every is Every.DAY
        stopped = one.is_whole and earlier.without_mirrors and not is_day
        if now.without_mirrors or stopped:
            before = counted(one.period.before(), history.counted, history.state)
            yield Figures(
                counted=one,
                now=now,
                before=_comparison(one, before, earlier) if before.days else None,
                year_ago=_year_ago(far, one) if year_ago else None,
                published_at=_published_at(history, one),
                updated_at=_updated_at(history, one, before),
            )


def _published_at(history: History, one: Counted) -> datetime:
    window = history.state.window
    is_over = window is not None and window.complete
    return one.period.over_at if is_over else min(one.period.over_at, one.counted_at)


def _updated_at(history: History, one: Counted, before: Counted) -> datetime:
    """When a day or an incident that the item speaks of changed, or its list did.

    Days of a year ago are left out: they are hardly ever counted again.
    """
    changed_at = list_changed_at(history.rule.name, history.state)
    moments = [_published_at(history, one), one.changed_at, changed_at]
    if before.days:
        moments.append(before.counted_at)
    return max(moment for moment in moments if moment)


def _year_ago(history: History, one: Counted) -> Comparison | None:
    then = counted(one.period.year_ago(), history.counted, history.state)
    if not then.is_whole:
        return None
    summary = history.summed(then.period.first, then.period.last)
    return _comparison(one, then, summary)


def _comparison(one: Counted, other: Counted, summary: Summary) -> Comparison:
    return Comparison(
        other.period, summary.without_mirrors, one.is_comparable_with(other)
    )
