"""Whether a package's history holds an event, and the facts of it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from statistics import median

from packages.events.ledger import Ledger, week_name, week_to
from packages.events.texts import Facts
from packages.events.thresholds import (
    MILESTONE_STEP,
    RECORD_FLOOR,
    RECORD_STEP,
    RECORD_WEEKS,
    STEPS,
    UNUSUAL_BEYOND,
    UNUSUAL_FLOOR,
    UNUSUAL_SPREAD,
)

FEWEST_WEEKS = 3
"""Weeks on record before a week can be the first to pass a round number."""

Series = Mapping[date, int]
"""Downloads without mirrors; days without any are left out."""


def milestone(people: Series, sunday: date, ledger: Ledger) -> Facts | None:
    """The round number that the week is the first on record to pass."""
    weeks = ledger.weeks_before(sunday)
    downloads = total(people, week_to(sunday))
    passed = highest_step(downloads)
    if passed is None or len(weeks) < FEWEST_WEEKS:
        return None
    totals = [total(people, week_to(week)) for week in weeks]
    before, active = max(totals), sum(map(bool, totals))
    if before >= passed or not _is_clear(downloads, before, active):
        return None
    return {
        "passed": passed,
        "downloads": downloads,
        "before": before,
        "week": week_name(sunday),
    }


def _is_clear(downloads: int, before: int, weeks: int) -> bool:
    """Say whether a new height is more than the noise of a few weeks."""
    return weeks >= RECORD_WEEKS or downloads >= MILESTONE_STEP * before


def highest_step(downloads: int) -> int | None:
    return max((step for step in STEPS if step <= downloads), default=None)


def record(people: Series, sunday: date, ledger: Ledger, told: int) -> Facts | None:
    """The week's record: its own downloads, or failing that those of its best day.

    ``told`` is the highest record week that was told before, 0 for none.
    """
    weeks = ledger.weeks_before(sunday)
    active = [week for week in weeks if total(people, week_to(week))]
    downloads = total(people, week_to(sunday))
    if downloads < RECORD_FLOOR or len(active) < RECORD_WEEKS:
        return None
    by_week = {week: total(people, week_to(week)) for week in active}
    best = max(active, key=by_week.__getitem__)
    common = {"week": week_name(sunday)}
    if downloads > by_week[best] and downloads >= RECORD_STEP * told:
        return common | {
            "per": "week",
            "downloads": downloads,
            "before": by_week[best],
            "before_on": week_name(best),
        }
    return _record_day(people, sunday, ledger, common)


def _record_day(
    people: Series, sunday: date, ledger: Ledger, common: Facts
) -> Facts | None:
    week = week_to(sunday)
    top = max(week, key=lambda day: people.get(day, 0))
    earlier = [day for day in ledger.days if day < week[0] and day in people]
    best = max(earlier, key=people.__getitem__)
    if people[top] < RECORD_STEP * people[best]:
        return None
    return common | {
        "per": "day",
        "on": top.isoformat(),
        "downloads": people[top],
        "before": people[best],
        "before_on": best.isoformat(),
    }


@dataclass(frozen=True, slots=True)
class Usual:
    """What a day is compared with: its weekdays before, and what all packages did."""

    day: date
    weekdays: Sequence[date]
    ratio: float
    """How many times the usual is unusual."""
    all_now: int = 0
    all_before: int = 0

    def of_others(self, downloads: int, before: int) -> float:
        """The day of all other packages, as a multiple of what is usual for them."""
        now, usual = self.all_now - downloads, self.all_before - before
        return now / usual if now > 0 and usual > 0 else 1.0


def unusual(people: Series, usual: Usual) -> Facts | None:
    """The day's downloads and the usual ones, where they are far apart.

    What all packages did that day, as on a holiday, is no news of one of them. Where
    no downloads are usual, nothing is a multiple of them: `first`, `return` and
    milestones tell of a package that begins.
    """
    before = [people.get(day, 0) for day in usual.weekdays]
    middle = int(median(before))
    downloads = people.get(usual.day, 0)
    spread = median(abs(number - middle) for number in before)
    distance = abs(downloads - middle)
    if not middle or distance < UNUSUAL_FLOOR or distance < UNUSUAL_SPREAD * spread:
        return None
    others = usual.of_others(downloads, middle)
    rises = _is_above(downloads, before, usual.ratio, others)
    if not (rises or _is_below(downloads, before, usual.ratio, others)):
        return None
    return {"downloads": downloads, "usual": middle}


def _is_above(
    downloads: int, before: Sequence[int], ratio: float, others: float
) -> bool:
    expected = median(before) * max(1.0, others)
    beyond = UNUSUAL_BEYOND * max(before)
    return downloads >= ratio * expected and downloads >= beyond


def _is_below(
    downloads: int, before: Sequence[int], ratio: float, others: float
) -> bool:
    expected = median(before) * min(1.0, others)
    beyond = min(before) / UNUSUAL_BEYOND
    return downloads * ratio <= expected and downloads <= beyond


def silent(before: Series, days: int) -> Facts:
    """The last day with downloads, and the downloads before the silence."""
    last = max(day for day, downloads in before.items() if downloads)
    return {
        "last_day": last.isoformat(),
        "downloads": sum(before.values()),
        "days": days,
    }


def total(people: Series, days: Iterable[date]) -> int:
    return sum(people.get(day, 0) for day in days)
