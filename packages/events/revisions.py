"""Past days that were counted anew, and moved by more than settling explains."""

from collections.abc import Iterator
from datetime import date
from typing import Any

from packages import recents
from packages.events.candidates import Row, Window, rows
from packages.events.found import Found, PackageId, settle
from packages.events.thresholds import (
    REVISION_FLOOR,
    REVISION_MOST,
    REVISION_SHARE,
    REVISION_SHARE_OF_ALL,
)
from packages.models import CountedDay, Event, StandingsState

KIND = Event.Kind.REVISION


def revision_of_all(counted: CountedDay) -> Iterator[Found]:
    """What the ledger recorded: the first total of the day against the one of now.

    Days settle by a little as sources are read again; that is for the ledger's readers.
    Totals of other packages than those of now are none of this.
    """
    alike = _of_the_same_packages(counted.revisions)
    if not alike:
        return
    before, after = alike[0]["downloads"][0], counted.downloads
    if before != after and abs(after - before) >= REVISION_SHARE_OF_ALL * before:
        yield _found(None, counted.day, before, after)


def _of_the_same_packages(revisions: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Those since the day was last counted for other packages than before."""
    others = [n for n, revision in enumerate(revisions) if "for_others" in revision]
    return revisions[others[-1] + 1 :] if others else revisions


def note_moves(before: CountedDay | None, now: CountedDay, rule: str) -> None:
    """Tell the packages whose day moves much, before the standings forget it.

    ``before`` is what the ledger had of the day, and ``now`` has. Runs inside the day's
    transaction, while ``counted`` holds the new numbers, counted by ``rule``. A day
    that was not over only grew; one that the standings have left behind moves
    unnoticed; and one counted for other packages than before tells nothing of them.
    """
    state = StandingsState.current()
    if before is None or not before.is_over or state.rule != rule:
        return
    if before.counted_for != now.counted_for:
        return
    if state.through and before.day in Window(state.through):
        _tell_moves(before.day)


def _tell_moves(day: date) -> None:
    told = Event.objects.filter(kind=KIND, day=day).exclude(package=None)
    first = {event.package_id: event.facts["before"] for event in told}
    moves = [*_moved(day), *_moved_again(day)]
    found = {
        package: _found(package, day, first.get(package, old), new)
        for package, old, new in moves
        if _is_large(first.get(package, old), new)
    }
    settle(list(found.values()), told)


def _found(package: PackageId, day: date, before: int, after: int) -> Found:
    facts = {"before": before, "after": after, "mirrors": package is None}
    return Found(package, KIND, f"{KIND}:{day}", day, facts)


def _is_large(before: int, after: int) -> bool:
    moved = abs(after - before)
    return moved >= REVISION_FLOOR and moved >= REVISION_SHARE * before


def _moved(day: date) -> list[Row]:
    sql = _MOVES.format(slot=recents.slot(day))
    moved = "abs(new - old) >= %s AND abs(new - old) >= %s * old"
    order = "ORDER BY abs(new - old) DESC, package_id LIMIT %s"
    return rows(
        f"{sql} WHERE {moved} {order}", [REVISION_FLOOR, REVISION_SHARE, REVISION_MOST]
    )


def _moved_again(day: date) -> list[Row]:
    sql = _MOVES.format(slot=recents.slot(day))
    told = "SELECT package_id FROM packages_event WHERE kind = %s AND day = %s"
    return rows(f"{sql} WHERE package_id IN ({told})", [KIND, day])


_MOVES = """
SELECT package_id, old, new FROM (
    SELECT s.package_id, s.{slot} AS old, coalesce(counted.people, 0) AS new
    FROM packages_standing AS s LEFT JOIN counted ON counted.package_id = s.package_id
) AS moves
"""
