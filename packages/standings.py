"""Recents as standings have them: kept by SQL, for the default list alone."""

from django.db.models import QuerySet

from packages import recents, snapshot
from packages.models import Package
from packages.snapshot import Snapshot
from packages.stats import Recent

LARGEST = 1000


def largest(limit: int) -> list[tuple[str, Recent]]:
    """The packages most downloaded on the last day, without mirrors, largest first."""
    state = snapshot.current()
    return state.of_standings("largest", lambda: _largest(state))[:limit]


def recomputed_percent(state: Snapshot | None = None) -> int | None:
    """How far standings are worked out for a changed list; None when they hold."""
    state = state or snapshot.current()
    percent = None if state.standings_hold else recents.percent_done()
    state.standings_hold = percent is None
    return percent


def standings_hold(state: Snapshot, mirror_list: str | None) -> bool:
    """Say whether recents by that list stand in the standings, and need no summing."""
    is_default = mirror_list in {None, state.rule().name}
    return is_default and recomputed_percent(state) is None


def standings_of(packages: QuerySet[Package], state: Snapshot) -> dict[str, Recent]:
    """Return the recents of ``packages``, in their order, as the standings have them.

    A package that only mirrors ever downloaded has no standing.
    """
    snapshot.expect_newest()
    through = state.window.last if state.window else None
    rows = packages.values_list(
        "normalized_name",
        "standing__last_day",
        "standing__last_week",
        "standing__last_month",
    )
    return {
        name: Recent(day or 0, week or 0, month or 0, through)
        for name, day, week, month in rows
    }


def _largest(state: Snapshot) -> list[tuple[str, Recent]]:
    if state.window is None:
        return []
    top = Package.objects.filter(standing__last_day__gt=0).order_by(
        "-standing__last_day", "normalized_name"
    )
    return list(standings_of(top[:LARGEST], state).items())
