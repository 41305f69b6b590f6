"""What is told of periods whichever package they are of: once for a generation."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.utils.safestring import SafeString

from feeds.counted import Counted, counted, counted_periods, list_changed_at
from feeds.notes import notes
from feeds.periods import Every, Period
from feeds.recounts import Recounts
from packages.coverage import Days
from packages.snapshot import Snapshot
from packages.stats import History
from packages.summaries import Spans

BATCH = {Every.DAY: 30, Every.WEEK: 13, Every.MONTH: 12}
"""A feed rarely needs more periods than these, so no other day is summed."""


@dataclass(frozen=True, slots=True)
class Earlier:
    """A period that another one is compared with."""

    period: Period
    comparable: bool


@dataclass(frozen=True, slots=True)
class Told:
    """A finished period, its dates, and what is said beside its numbers."""

    counted: Counted
    before: Earlier | None
    """The period before; None when none of its days was counted."""
    year_ago: Earlier | None
    """The same period a year ago, if all of its days are kept."""
    published_at: datetime
    """When the period was over, however late it was counted; a running day earlier."""
    updated_at: datetime
    notes: SafeString
    """Lines for the item's text, each with its end."""
    first_before: date
    """The first day of the period before."""
    may_have_stopped: bool
    """Whether it is told that there were no downloads, once after some."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Periods that are summed together, newest first."""

    told: Sequence[Told]
    near: Spans
    """These periods and the one before them, in rising order."""
    far: Spans
    """The same of a year ago, as far as these are told of."""


@dataclass(frozen=True, slots=True)
class Account:
    """What is known of a package's days, whatever its numbers are."""

    known: Days
    recounts: Recounts
    mirror_list: str
    state: Snapshot

    @property
    def is_common(self) -> bool:
        """Whether it is that of most packages: counted on all days, and once."""
        return self.known is self.state.days and not self.recounts

    def counted(self, period: Period) -> Counted:
        return counted(period, self.known, self.recounts, self.state)


def batches(every: Every, history: History, recounts: Recounts) -> Iterable[Batch]:
    """The package's finished periods, newest first."""
    state = history.state
    account = Account(history.counted, recounts, history.rule.name, state)
    if not account.is_common:
        return _batches(every, account)
    return state.remembered(
        f"told every {every} by {account.mirror_list}",
        lambda: list(_batches(every, account)),
    )


def _batches(every: Every, account: Account) -> Iterator[Batch]:
    found = counted_periods(every, account.known, account.recounts, account.state)
    size = BATCH[every]
    for start in range(0, len(found), size):
        together = found[start : start + size]
        yield _batch([_told(one, account) for one in together])


def _batch(told: Sequence[Told]) -> Batch:
    periods = [one.counted.period for one in told]
    before = (period.before() for period in periods)
    year_ago = (one.year_ago.period for one in told if one.year_ago)
    return Batch(told, _spans([*periods, *before]), _spans(year_ago))


def _spans(periods: Iterable[Period]) -> Spans:
    return Spans(sorted({(period.first, period.last) for period in periods}))


def _told(one: Counted, account: Account) -> Told:
    period, state = one.period, account.state
    before = account.counted(period.before())
    year_ago = account.counted(period.year_ago())
    published_at = _published_at(one, state)
    list_at = list_changed_at(account.mirror_list, state)
    moments = [published_at, one.changed_at, list_at]
    if before.days:
        moments.append(before.counted_at)
    return Told(
        counted=one,
        before=_earlier(one, before) if before.days else None,
        year_ago=_earlier(one, year_ago) if year_ago.is_whole else None,
        published_at=published_at,
        # Days of a year ago are left out: they are hardly ever counted again.
        updated_at=max(moment for moment in moments if moment),
        notes=notes(one, before),
        first_before=before.period.first,
        may_have_stopped=one.is_whole and period.every is not Every.DAY,
    )


def _earlier(one: Counted, other: Counted) -> Earlier:
    return Earlier(other.period, one.is_comparable_with(other))


def _published_at(one: Counted, state: Snapshot) -> datetime:
    is_over = state.window is not None and state.window.complete
    return one.period.over_at if is_over else min(one.period.over_at, one.counted_at)
