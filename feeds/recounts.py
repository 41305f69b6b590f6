"""Which re-counts of a day are worth telling: nearly every day settles by a little."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime

from packages.models import CountedDay
from packages.names import ALL_PACKAGES
from packages.recounts import LEAST_PART, Recount, recounts_of
from packages.snapshot import Snapshot

Recounts = Mapping[date, Recount]
"""The last re-count that is told of, of each day that has one."""

NONE: Recounts = {}


def recounts(packages: Iterable[str], state: Snapshot) -> Mapping[str, Recounts]:
    """Return those of each of the packages; of most there are none."""
    names = set(packages)
    found: dict[str, Recounts] = dict(recounts_of(names - {ALL_PACKAGES}))
    if ALL_PACKAGES in names:
        found[ALL_PACKAGES] = recounts_of_all(state)
    return found


def recounts_of_all(state: Snapshot) -> Recounts:
    """Those of all packages together, as the ledger has them."""
    return state.remembered("recounts of all", lambda: _of_ledger(state))


def _of_ledger(state: Snapshot) -> Recounts:
    found = {day: told_recount(row) for day, row in state.days.items()}
    return {day: recount for day, recount in found.items() if recount}


def told_recount(day: CountedDay) -> Recount | None:
    """Return the last re-count of all packages that is told of; None if there is none.

    Each is measured by the total that was told last, so that many small ones add up.
    """
    found, told = None, None
    for revision in day.revisions:
        before, after = revision["downloads"]
        told = before if told is None else told
        if after != told and abs(after - told) * LEAST_PART >= told:
            found = Recount(datetime.fromisoformat(revision["at"]), told, after)
            told = after
    return found


def settled_at(day: CountedDay, recount: Recount | None) -> datetime | None:
    """When the day got the numbers that are told; None if it is not counted."""
    if not day.is_over:
        return day.counted_at
    if recount:
        return recount.at
    return max(_counted_for_others(day), default=day.first_counted_at)


def _counted_for_others(day: CountedDay) -> list[datetime]:
    """When it was counted for other packages than before: nobody notes which."""
    found = [one["at"] for one in day.revisions if one.get("for_others")]
    return list(map(datetime.fromisoformat, found))
