"""A package's periods as numbers: each beside the one before and a year ago."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from feeds.periods import Every, Period
from feeds.recounts import Recounts
from feeds.told import Batch, Earlier, Told, batches
from packages.mirrors import Dimension
from packages.stats import History
from packages.summaries import Spans, Summary, summaries

BREAKDOWNS = {
    Dimension.PYTHON_MINOR: "Python",
    Dimension.SYSTEM: "System",
    Dimension.INSTALLER: "Installer",
}

Sums = Mapping[date, Summary]
"""The sums of periods, by their first days."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """An earlier period's downloads, without mirrors."""

    period: Period
    downloads: int
    comparable: bool


@dataclass(frozen=True, slots=True)
class Figures:
    """One period of one package."""

    told: Told
    now: Summary
    before: Comparison | None
    """The period before; None when none of its days was counted."""
    year_ago: Comparison | None
    """The same period a year ago, if all of its days are kept."""

    @property
    def period(self) -> Period:
        return self.told.counted.period


def figures(
    history: History, every: Every, recounts: Recounts, *, year_ago: bool = True
) -> Iterator[Figures]:
    """The package's finished periods, newest first.

    ``year_ago`` needs a history of all kept days. A period without downloads, mirrors
    aside, is told of once, after one that had some.
    """
    for batch in batches(every, history, recounts):
        yield from _figures_of(batch, history, year_ago=year_ago)


def _figures_of(batch: Batch, history: History, *, year_ago: bool) -> Iterator[Figures]:
    near = _summed(history, batch.near, BREAKDOWNS)
    far = _summed(history, batch.far) if year_ago else {}
    for told in batch.told:
        now, earlier = near[told.counted.period.first], near[told.first_before]
        stopped = earlier.without_mirrors and told.may_have_stopped
        if now.without_mirrors or stopped:
            yield Figures(
                told=told,
                now=now,
                before=_comparison(told.before, near),
                year_ago=_comparison(told.year_ago, far) if year_ago else None,
            )


def _summed(
    history: History, spans: Spans, dimensions: Collection[Dimension] = ()
) -> Sums:
    if not spans.periods:
        return {}
    found = summaries(history, spans, dimensions)
    return {span[0]: sums for span, sums in zip(spans.periods, found, strict=True)}


def _comparison(earlier: Earlier | None, sums: Sums) -> Comparison | None:
    if earlier is None:
        return None
    downloads = sums[earlier.period.first].without_mirrors
    return Comparison(earlier.period, downloads, earlier.comparable)
