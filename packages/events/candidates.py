"""Which packages may have an event: asked of the standings, all at once, in SQL.

A standing has the last thirty days alone; each question says how old a day it can still
be asked about, and gets no answer about an older one.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db import connection

from packages.events.ledger import days_to, week_to
from packages.events.thresholds import (
    RECORD_FLOOR,
    RECORD_STEP,
    RETURN_FLOOR,
    SHARE_FLOOR,
    SILENT_DAYS,
    SILENT_FLOOR,
    STEPS,
    TOTAL_FLOOR,
    UNUSUAL_BEYOND,
    UNUSUAL_FLOOR,
)
from packages.models import Event
from packages.models.standings import WINDOW
from packages.recents import slot

Row = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Window:
    """The thirty days of the standings, up to ``last``."""

    last: date

    def __contains__(self, day: date) -> bool:
        return timedelta() <= self.last - day < timedelta(days=WINDOW)

    def kept(self, days: Iterable[date]) -> list[date]:
        return [day for day in days if day in self]

    def after(self, day: date) -> list[date]:
        return days_to(self.last, (self.last - day).days)

    def before(self, day: date) -> list[date]:
        first = self.last - timedelta(days=WINDOW - 1)
        return days_to(day - timedelta(days=1), (day - first).days)


def unusual(window: Window, day: date, weekdays: Iterable[date]) -> list[int]:
    """Packages whose day is far from those of its weekdays that the window holds."""
    held = window.kept(weekdays)
    if day not in window or len(held) < 2:
        return []
    now, lowest, highest = _slot(day), _least(held), _greatest(held)
    return _ids(
        f"({now} >= {UNUSUAL_BEYOND} * {highest} AND {now} - {lowest} >= %s)"
        f" OR ({UNUSUAL_BEYOND} * {now} <= {lowest} AND {highest} - {now} >= %s)",
        [UNUSUAL_FLOOR, UNUSUAL_FLOOR],
    )


def first(window: Window, day: date) -> list[Row]:
    """Packages first downloaded on ``day``: id, downloads."""
    if day not in window:
        return []
    since = _sum([day, *window.after(day)])
    return rows(
        f"SELECT s.package_id, {_slot(day)} FROM packages_standing AS s"
        f" WHERE {_slot(day)} > 0 AND s.total = {since}"
    )


def totals(window: Window, day: date) -> list[Row]:
    """Packages whose total passes a round number on ``day``: id, number, total."""
    if day not in window:
        return []
    reached = f"s.total - ({_sum(window.after(day))})"
    steps = [step for step in STEPS if step >= TOTAL_FLOOR]
    return rows(
        "SELECT package_id, max(step), max(reached) FROM (SELECT s.package_id,"
        f" {reached} AS reached, {_slot(day)} AS of_day FROM packages_standing AS s"
        f" WHERE {_slot(day)} > 0 AND s.total >= %s) AS passed, ({_steps(steps)}) AS t"
        " WHERE reached >= step AND reached - of_day < step GROUP BY package_id",
        [TOTAL_FLOOR],
    )


def milestones(window: Window, sunday: date) -> list[Row]:
    """Packages whose week passes a round number, as no week before in the window.

    Id and the week's downloads.
    """
    before = _weeks_before(window, sunday)
    if not before:
        return []
    most = _function("greatest", "max", [_sum(week) for week in before])
    return rows(
        "SELECT DISTINCT package_id, now FROM (SELECT s.package_id,"
        f" {_sum(week_to(sunday))} AS now, {most} AS most"
        f" FROM packages_standing AS s) AS weeks, ({_steps(STEPS)}) AS t"
        f" WHERE now >= {STEPS[0]} AND now >= step AND most < step"
    )


def records(window: Window, sunday: date) -> list[Row]:
    """Packages whose week, or best day, is above all that the window holds before.

    Id, the week's downloads, and whether the best day is high enough for a record.
    """
    before = _weeks_before(window, sunday)
    if not before:
        return []
    week = week_to(sunday)
    most = _function("greatest", "max", [_sum(other) for other in before])
    day = f"{_greatest(week)} >= {RECORD_STEP} * {_greatest(window.before(week[0]))}"
    return rows(
        f"SELECT s.package_id, {_sum(week)}, {day} FROM packages_standing AS s"
        f" WHERE {_sum(week)} >= %s AND ({_sum(week)} > {most} OR {day})",
        [RECORD_FLOOR],
    )


def large(window: Window, sunday: date) -> list[int]:
    """Packages whose week is large enough for shares to mean something."""
    week = week_to(sunday)
    if week[0] not in window or sunday not in window:
        return []
    return _ids(f"{_sum(week)} >= %s", [SHARE_FLOOR])


def silent(window: Window, day: date) -> list[Row]:
    """Packages without a download in the last days, and their days before: id, days."""
    quiet, before = days_to(day, SILENT_DAYS), silence_before(day)
    if day not in window or before[0] not in window:
        return []
    columns = ", ".join(_slot(other) for other in before)
    return rows(
        f"SELECT s.package_id, {columns} FROM packages_standing AS s"
        f" WHERE s.last_month > 0 AND {_sum(quiet)} = 0 AND {_sum(before)} >= %s",
        [SILENT_FLOOR],
    )


def silence_before(day: date) -> list[date]:
    return days_to(day, 2 * SILENT_DAYS)[:SILENT_DAYS]


def returned(window: Window, day: date) -> list[Row]:
    """Packages told to be silent that are not: id, downloads of the week."""
    week = week_to(day)
    if day not in window or week[0] not in window:
        return []
    return rows(
        f"SELECT s.package_id, {_sum(week)} FROM packages_standing AS s"
        f" WHERE {_slot(day)} > 0 AND {_sum(week)} >= %s AND EXISTS ("
        "SELECT 1 FROM packages_event AS e WHERE e.package_id = s.package_id"
        " AND e.kind = %s AND e.day < %s AND e.withdrawn_at IS NULL)",
        [RETURN_FLOOR, Event.Kind.SILENT, day],
    )


def _weeks_before(window: Window, sunday: date) -> list[list[date]]:
    """The up to three weeks before that of ``sunday`` that the window holds whole."""
    weeks = [week_to(sunday - timedelta(weeks=n)) for n in (1, 2, 3)]
    if sunday not in window:
        return []
    return [week for week in weeks if week[0] in window]


def _ids(where: str, parameters: Any) -> list[int]:
    found = rows(
        f"SELECT s.package_id FROM packages_standing AS s WHERE {where}", parameters
    )
    return [package for (package,) in found]


def _slot(day: date) -> str:
    return f"s.{slot(day)}"


def _sum(days: Iterable[date]) -> str:
    return " + ".join(map(_slot, days)) or "0"


def _least(days: Iterable[date]) -> str:
    return _function("least", "min", map(_slot, days))


def _greatest(days: Iterable[date]) -> str:
    return _function("greatest", "max", map(_slot, days))


def _function(postgresql: str, sqlite: str, values: Iterable[str]) -> str:
    """Spell a function of several values; SQLite's would add up one value's rows."""
    held = list(values)
    name = postgresql if connection.vendor == "postgresql" else sqlite
    return f"{name}({', '.join(held)})" if len(held) > 1 else held[0]


def _steps(steps: Iterable[int]) -> str:
    return " UNION ALL ".join(f"SELECT {step} AS step" for step in steps)


def rows(sql: str, parameters: Any = ()) -> list[Row]:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        found: list[Row] = cursor.fetchall()
        return found
