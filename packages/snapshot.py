"""What every reader must know first: how far the data goes, and what its rules are.

Read once for a generation and kept in the process. A request is answered from one
snapshot: the middleware pins it, and asks the database for the generation only if the
last look at it is older than a second or so.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from typing import Any, TypeVar

from django.conf import settings

from packages.exceptions import UnknownMirrorListError
from packages.mirrors import Rule
from packages.models import Client, CountedDay, Generation, MirrorList
from packages.names import ALL_PACKAGES

T = TypeVar("T")


@dataclass(frozen=True)
class Window:
    """The days that readers may show: both ends are included."""

    first: date
    last: date
    complete: bool
    """Whether ``last`` is over; only a ledger without any complete day says no."""


class Snapshot:
    """The state of one generation of the data."""

    def __init__(self, generation: int, changed_at: datetime) -> None:
        self.generation = generation
        self.changed_at = changed_at
        self.standings_hold = False
        """Whether a reader has seen that no recomputation is due or under way."""
        self.next_load = 0.0
        """When to look for newer figures, in seconds of the epoch; see freshness."""
        self._remembered: dict[str, Any] = {}
        self._rules: dict[str, Rule] = {}

    def remembered(self, name: str, work_out: Callable[[], T]) -> T:
        """Return what a reader works out once for the whole generation."""
        if name not in self._remembered:
            self._remembered[name] = work_out()
        found: T = self._remembered[name]
        return found

    def of_standings(self, name: str, work_out: Callable[[], T]) -> T:
        """Return the same of what standings say, which may be newer than this."""
        expect_newest()
        return self.remembered(name, work_out)

    @cached_property
    def days(self) -> dict[date, CountedDay]:
        """The days within the window that figures are made of, in rising order."""
        if self.window is None:
            return {}
        ledger = CountedDay.objects
        kept = ledger.complete() if self.window.complete else ledger.counted()
        kept = kept.filter(trimmed_at=None).defer(*CountedDay.LARGE_FIELDS)
        shown = kept.filter(day__range=(self.window.first, self.window.last))
        return {counted.day: counted for counted in shown.order_by("day")}

    def days_of(self, package: str) -> dict[date, CountedDay]:
        """Those of ``days`` on which that package was counted, by itself or with all.

        On the others nobody knows whether it was downloaded.
        """
        if package == ALL_PACKAGES or not self.days_for_some:
            return self.days
        counting = CountedDay.objects.counting(package).values_list("day", flat=True)
        left_out = self.days_for_some.difference(counting)
        return {day: row for day, row in self.days.items() if day not in left_out}

    @cached_property
    def days_for_some(self) -> frozenset[date]:
        """Those of ``days`` that were counted for tracked packages alone."""
        days = CountedDay.objects.for_some().values_list("day", flat=True)
        return frozenset(days).intersection(self.days)

    @cached_property
    def window(self) -> Window | None:
        """The days that may be shown; None before the first is counted."""
        last = CountedDay.objects.last_shown()
        if last is None:
            return None
        return Window(first_kept_day(last.day), last.day, last.is_over)

    @cached_property
    def clients(self) -> list[Client]:
        return list(Client.objects.order_by("id"))

    @property
    def newest_client(self) -> int:
        return self.clients[-1].id if self.clients else 0

    def rule(self, name: str | None = None) -> Rule:
        """Return the rule of the list called ``name``, or of the default list."""
        key = name or ""
        if key not in self._rules:
            self._rules[key] = self._compile(name)
        return self._rules[key]

    def _compile(self, name: str | None) -> Rule:
        lists = MirrorList.objects.prefetch_related("entries")
        chosen = lists.filter(name=name) if name else lists.filter(is_default=True)
        mirror_list = chosen.first()
        if mirror_list is None:
            raise UnknownMirrorListError(name or "default")
        return Rule(mirror_list, mirror_list.entries.all(), self.clients)


def first_kept_day(last: date) -> date:
    """Return the oldest day that is kept when ``last`` is the last one counted."""
    return last - timedelta(days=settings.RETENTION_DAYS - 1)


def newest_day() -> date:
    """Return the last day that the source should have by now, be it not counted yet."""
    today = datetime.now(UTC).date()
    return today - timedelta(days=1 + settings.INGEST_LAG_DAYS)


_kept: list[Snapshot] = []
_looked_at: list[float] = [0.0]


@dataclass
class Pin:
    """What one request is answered from."""

    state: Snapshot
    expects_newest: bool = False

    def is_outdated(self) -> bool:
        """Say whether something was read that may be newer than ``state``."""
        return self.expects_newest and _of_database() is not self.state


_pinned: ContextVar[Pin | None] = ContextVar("pinned", default=None)


@contextmanager
def pinned(state: Snapshot) -> Iterator[Pin]:
    """Make ``state`` the current snapshot for as long as one request is answered."""
    pin = Pin(state)
    token = _pinned.set(pin)
    try:
        yield pin
    finally:
        _pinned.reset(token)


def expect_newest() -> None:
    """Say that standings are read, which hold the newest generation alone.

    If another one than the pinned has begun, the answer is made anew.
    """
    pin = _pinned.get()
    if pin is not None:
        pin.expects_newest = True


def expect(generation: int) -> None:
    """Say of which generation standings are that were read; see ``expect_newest``."""
    pin = _pinned.get()
    if pin is not None and generation != pin.state.generation:
        pin.expects_newest = True


def last_known() -> Snapshot | None:
    """Return the snapshot that is kept, whether or not the database can be asked."""
    return _kept[0] if _kept else None


def within(seconds: float) -> Snapshot:
    """Return the snapshot that was current at some time in the last ``seconds``."""
    now = time.monotonic()
    if not _kept or now - _looked_at[0] >= seconds:
        _of_database()
        _looked_at[0] = now
    return _kept[0]


def current() -> Snapshot:
    """Return the pinned snapshot, else that of the generation of the database."""
    pin = _pinned.get()
    return pin.state if pin else _of_database()


def _of_database() -> Snapshot:
    generation = Generation.current()
    for snapshot in _kept:
        if (snapshot.generation, snapshot.changed_at) == (
            generation.number,
            generation.changed_at,
        ):
            return snapshot
    return refreshed(generation)


def that_knows(client: int, state: Snapshot) -> Snapshot:
    """Return ``state``, or a new one if a day with that client was counted since."""
    return state if client <= state.newest_client else refreshed()


def refreshed(generation: Generation | None = None) -> Snapshot:
    """Forget the snapshot that is kept and take a new one."""
    state = generation or Generation.current()
    _kept[:] = [Snapshot(state.number, state.changed_at)]
    return _kept[0]
