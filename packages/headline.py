"""A package's few numbers, for badges and summaries: recent downloads, or all ever.

Read from the package's standing while standings hold for the list that is asked for;
summed from the records otherwise, which gives the same numbers.
"""

from enum import StrEnum
from typing import NamedTuple

from packages import recents, snapshot, standings, stats
from packages.exceptions import UnknownPackageError
from packages.mirrors import Rule
from packages.models import DownloadRecord
from packages.months import is_known
from packages.names import ALL_PACKAGES, normalize_name
from packages.snapshot import Snapshot
from packages.statements import Statement
from packages.stats import Recent


class Period(StrEnum):
    """What downloads are summed over; all but ``TOTAL`` end with the last day."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    TOTAL = "total"

    @property
    def field(self) -> str:
        """The name that standings and recents have for it."""
        return "total" if self is Period.TOTAL else f"last_{self}"


RECENT = (Period.DAY, Period.WEEK, Period.MONTH)


def recent(
    name: str, mirror_list: str | None = None, *, mirrors: bool = False
) -> tuple[str, Recent]:
    """Return the normalized name, and the recent downloads, of the package ``name``.

    All zero for one that is known and was not downloaded. Raise
    ``UnknownPackageError`` or ``UnknownMirrorListError``.
    """
    normalized = normalize_name(name)
    state = snapshot.current()
    if normalized and not mirrors and _has_standing(normalized, state, mirror_list):
        through = state.window.last if state.window else None
        found = _standing(normalized)
        return normalized, Recent(
            found.last_day, found.last_week, found.last_month, through
        )
    history = stats.history(name, mirror_list, last_days=stats.MONTH)
    return history.package, history.recent(mirrors=mirrors)


def downloads(name: str, period: Period, mirror_list: str | None = None) -> int:
    """Return people's downloads of the package called ``name``, in any spelling.

    0 for one that is known and was not downloaded. Trimmed days count for the total, by
    the rule as it was at their month's beginning; the total of ``__all__`` is that of
    the kept days no longer, so nobody knows it: ``UnknownPackageError``, as for a name
    that is not known.
    """
    if period is not Period.TOTAL:
        found: int = getattr(recent(name, mirror_list)[1], period.field)
        return found
    normalized = normalize_name(name)
    if normalized is None or normalized == ALL_PACKAGES:
        raise UnknownPackageError(name)
    state = snapshot.current()
    if _has_standing(normalized, state, mirror_list):
        return _standing(normalized).total
    return _ever(normalized, state.rule(mirror_list))


class _Standing(NamedTuple):
    last_day: int
    last_week: int
    last_month: int
    total: int


def _has_standing(package: str, state: Snapshot, mirror_list: str | None) -> bool:
    return package != ALL_PACKAGES and standings.standings_hold(state, mirror_list)


def _standing(package: str) -> _Standing:
    """Read a package's standing, zeros if only mirrors ever downloaded it."""
    rows = _STANDING.rows(package)
    if not rows:
        raise UnknownPackageError(package)
    generation, *numbers = rows[0]
    snapshot.expect(generation)
    return _Standing(*(number or 0 for number in numbers))


_STANDING = Statement(
    "package_standing",
    """
SELECT
    generation.number,
    standing.last_day, standing.last_week, standing.last_month, standing.total
FROM packages_package AS package
JOIN packages_generation AS generation ON generation.id = 1
LEFT JOIN packages_standing AS standing ON standing.package_id = package.id
WHERE package.normalized_name = %s
""",
)


def _ever(package: str, rule: Rule) -> int:
    records = list(
        DownloadRecord.objects.filter(package__normalized_name=package).order_by()
    )
    if not records and not is_known(package):
        raise UnknownPackageError(package)
    left_out = recents.left_out_days()
    people = (recents.people_by_day(record, rule, left_out) for record in records)
    return sum(sum(by_day.values()) for by_day in people)
