"""What the ledger says of a period: worked out once for all packages, if it can be."""

from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Max

from feeds.periods import Every, Period, finished
from feeds.recounts import Recounts, settled_at
from packages.coverage import Days
from packages.incidents import incidents_on, shown_incidents
from packages.models import CountedDay, Incident, MirrorChange
from packages.snapshot import Snapshot


@dataclass(frozen=True, slots=True)
class Counted:
    """How well a period is known."""

    period: Period
    days: list[CountedDay]
    missing: list[date]
    incidents: list[Incident]
    recounts: Recounts
    counted_at: datetime
    """When one of its days got the numbers that are told."""

    @property
    def is_whole(self) -> bool:
        return not self.missing

    @property
    def definitions(self) -> set[str]:
        return {day.definition for day in self.days}

    @property
    def changed_at(self) -> datetime:
        """When that, or an incident that hit one of its days, last changed."""
        return max([self.counted_at, *(one.changed_at for one in self.incidents)])

    @property
    def coverage(self) -> str:
        return f"{len(self.days)} of {len(self.period.days())} days counted"

    def corrected(self) -> Recounts:
        """Days whose totals changed after the period was over, and how."""
        since = self.period.over_at
        return {day: one for day, one in self.recounts.items() if one.at > since}

    def is_comparable_with(self, other: "Counted") -> bool:
        """Whether the difference of both says something about use."""
        return (
            self.is_whole and other.is_whole and self.definitions == other.definitions
        )


def counted_periods(
    every: Every, known: Days, recounts: Recounts, state: Snapshot
) -> list[Counted]:
    """The finished periods of which a day at least was counted, newest first.

    ``known`` are the counted days: those of one package may be fewer than all.
    """
    periods = finished(every, known, state.window)
    found = [counted(period, known, recounts, state) for period in periods]
    return [one for one in found if one.days]


def counted(
    period: Period, known: Days, recounts: Recounts, state: Snapshot
) -> Counted:
    """Look ``period`` up in the ledger, as far as its days are kept."""
    span = period.days()
    days = [known[day] for day in span if day in known]
    shown = shown_incidents(state)
    hits = [hit for day in days for hit in incidents_on(day.day, day.source, shown)]
    return Counted(
        period,
        days,
        missing=[day for day in span if day not in known],
        incidents=list(dict.fromkeys(hits)),
        recounts={day: recounts[day] for day in span if day in recounts},
        counted_at=max(
            filter(None, (settled_at(day, recounts.get(day.day)) for day in days)),
            default=period.over_at,
        ),
    )


def list_changed_at(mirror_list: str, state: Snapshot) -> datetime | None:
    """When the list called ``mirror_list`` last changed, and every figure with it."""
    name = f"last change of {mirror_list}"
    return state.remembered(name, lambda: _last_change(mirror_list))


def _last_change(mirror_list: str) -> datetime | None:
    changes = MirrorChange.objects.filter(list_name=mirror_list)
    changed_at: datetime | None = changes.aggregate(last=Max("changed_at"))["last"]
    return changed_at
