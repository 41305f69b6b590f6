"""Which re-counts of a day are worth telling: nearly every day settles by a little."""

from dataclasses import dataclass
from datetime import datetime

from packages.models import CountedDay

LEAST_PART = 100
"""A re-count is told of once it moves a day's total by one part in so many."""


@dataclass(frozen=True, slots=True)
class Recount:
    """A day's total before and after, all packages together."""

    at: datetime
    before: int
    after: int


def told_recount(day: CountedDay) -> Recount | None:
    """Return the last re-count that is told of; None if there is none.

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


def settled_at(day: CountedDay) -> datetime | None:
    """When the day got the numbers that are told; None if it is not counted."""
    if not day.is_over:
        return day.counted_at
    recount = told_recount(day)
    return recount.at if recount else day.first_counted_at
