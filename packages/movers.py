"""Which packages' weeks grew and shrank most, under the default mirror list."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import F, FloatField, Value
from django.db.models.expressions import Combinable
from django.db.models.functions import Cast

from packages.models import Standing
from packages.models.standings import WINDOW
from packages.recents import slot
from packages.snapshot import Snapshot
from packages.stats import WEEK

LISTED = 10
LEAST_WEIGHT = 10
PARTS_OF_ALL = 1_000_000


@dataclass(frozen=True, slots=True)
class Moved:
    """One package's downloads in a week, and in the week before."""

    package: str
    now: int
    before: int


@dataclass(frozen=True, slots=True)
class Movers:
    up: list[Moved]
    down: list[Moved]


def movers(first: date, state: Snapshot) -> Movers | None:
    """Return the movers of the week that begins on ``first``, once a generation.

    None unless both weeks are counted and lie within the standings' days.
    """
    return state.of_standings(f"movers of {first}", lambda: _movers(first, state))


def _is_known(first: date, state: Snapshot) -> bool:
    if state.window is None:
        return False
    days = [*_week(first - timedelta(days=WEEK)), *_week(first)]
    reach = state.window.last - timedelta(days=WINDOW - 1)
    return days[0] >= reach and all(day in state.days for day in days)


def _movers(first: date, state: Snapshot) -> Movers | None:
    """Rank by growth, with a weight on both sides: of small numbers it takes more."""
    if not _is_known(first, state):
        return None
    weight = Value(float(max(LEAST_WEIGHT, _downloads(first, state) // PARTS_OF_ALL)))
    now, before = _sum(_week(first)), _sum(_week(first - timedelta(days=WEEK)))
    change = (Cast(now, FloatField()) + weight) / (Cast(before, FloatField()) + weight)
    moved = Standing.objects.annotate(now=now, before=before, change=change)
    rows = moved.values_list("package__normalized_name", "now", "before")
    up = rows.filter(change__gt=1).order_by("-change", "package")
    down = rows.filter(change__lt=1).order_by("change", "package")
    return Movers(
        up=[Moved(*row) for row in up[:LISTED]],
        down=[Moved(*row) for row in down[:LISTED]],
    )


def _downloads(first: date, state: Snapshot) -> int:
    return sum(state.days[day].downloads for day in _week(first))


def _week(first: date) -> list[date]:
    return [first + timedelta(days=n) for n in range(WEEK)]


def _sum(days: Iterable[date]) -> Combinable:
    total: Combinable = Value(0)
    for day in days:
        total += F(slot(day))
    return total
