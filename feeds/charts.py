"""A package's chart as a PNG: the periods up to the one that an item is about."""

from threading import BoundedSemaphore

from feeds.counted import counted
from feeds.drawing import Bar, BarChart, png
from feeds.exceptions import BusyError
from feeds.followed import Followed
from feeds.periods import Every, Period
from feeds.recounts import NONE
from packages.coverage import Days
from packages.stats import History
from packages.summaries import Spans, Summary, summaries

BARS = {Every.DAY: 30, Every.WEEK: 26, Every.MONTH: 13}

_rendering = BoundedSemaphore(1)
PATIENCE_SECONDS = 5


def chart_png(followed: Followed, period: Period) -> bytes:
    """Return the picture; raise ``BusyError`` in a crowd."""
    if not _rendering.acquire(timeout=PATIENCE_SECONDS):
        raise BusyError
    try:
        return png(bar_chart(followed, period))
    finally:
        _rendering.release()


def bar_chart(followed: Followed, period: Period) -> BarChart:
    history = followed.history
    periods = _periods_up_to(period, history.counted)
    spans = Spans([(one.first, one.last) for one in periods])
    sums = summaries(history, spans)
    bars = [_bar(history, *shown) for shown in zip(periods, sums, strict=True)]
    partly = any(bar.value is not None and not bar.whole for bar in bars)
    hollow = "; hollow: not all days counted" if partly else ""
    return BarChart(
        title=f"{followed.name}: downloads by {period.every}",
        subtitle=f"Without mirrors{followed.by}, up to {period.words}{hollow}",
        bars=bars,
    )


def is_shown(period: Period, history: History) -> bool:
    """Whether there is a number of that period to draw."""
    window = history.state.window
    if window is None or not history.counted or period.last > window.last:
        return False
    return period.last >= next(iter(history.counted))


def _periods_up_to(period: Period, days: Days) -> list[Period]:
    found = [period]
    begun = next(iter(days))
    while len(found) < BARS[period.every] and found[-1].before().last >= begun:
        found.append(found[-1].before())
    return found[::-1]


def _bar(history: History, period: Period, summed: Summary) -> Bar:
    known = counted(period, history.counted, NONE, history.state)
    value = summed.without_mirrors if known.days else None
    return Bar(_label(period), value, whole=known.is_whole)


def _label(period: Period) -> str:
    match period.every:
        case Every.DAY:
            return f"{period.first.day} {period.first:%b}"
        case Every.WEEK:
            return f"W{period.first.isocalendar().week}"
        case Every.MONTH:
            return f"{period.first:%b %y}"
