"""A package's one number, for badges and summaries: recent downloads, or all ever.

Read from the package's standing while standings hold for the list that is asked for;
summed from the records otherwise, which gives the same number.
"""

from enum import StrEnum

from packages import recents, snapshot, standings, stats
from packages.exceptions import UnknownPackageError
from packages.mirrors import Rule
from packages.models import DownloadRecord, Standing
from packages.names import ALL_PACKAGES, normalize_name


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


def downloads(name: str, period: Period, mirror_list: str | None = None) -> int:
    """Return people's downloads of the package called ``name``, in any spelling.

    0 for one that is known and was not downloaded. Trimmed days count for the total, by
    the rule as it was at their month's beginning; the total of ``__all__`` is that of
    the kept days no longer, so nobody knows it: ``UnknownPackageError``, as for a name
    that is not known.
    """
    normalized = normalize_name(name)
    if normalized is None or (normalized, period) == (ALL_PACKAGES, Period.TOTAL):
        raise UnknownPackageError(name)
    state = snapshot.current()
    if normalized != ALL_PACKAGES and standings.standings_hold(state, mirror_list):
        return _from_standing(normalized, period)
    if period is Period.TOTAL:
        return _ever(normalized, state.rule(mirror_list))
    recent = stats.history(normalized, mirror_list, last_days=stats.MONTH).recent()
    found: int = getattr(recent, period.field)
    return found


def _from_standing(package: str, period: Period) -> int:
    snapshot.expect_newest()
    standing = Standing.objects.filter(package__normalized_name=package).order_by()
    found: int | None = standing.values_list(period.field, flat=True).first()
    if found is None:
        _check_known(package)
    return found or 0


def _ever(package: str, rule: Rule) -> int:
    records = list(
        DownloadRecord.objects.filter(package__normalized_name=package).order_by()
    )
    if not records:
        _check_known(package)
    left_out = recents.left_out_days()
    people = (recents.people_by_day(record, rule, left_out) for record in records)
    return sum(sum(by_day.values()) for by_day in people)


def _check_known(package: str) -> None:
    if not stats.is_known(package):
        raise UnknownPackageError(package)
