"""The counter that the service showed: all downloads of the latest release.

Days are trimmed in time, so a total "ever" would shrink; each value is the sum of as
many days as are kept for every value that is shown, and stays what it was.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby

from django.conf import settings
from packaging.version import InvalidVersion, Version

from feeds.pypirss.files import Release
from packages.models import CountedDay
from packages.snapshot import Snapshot

MOST_VALUES = 30
"""The old service had the present value alone; a subscriber expects some history."""


@dataclass(frozen=True, slots=True)
class Value:
    """What the counter stood at once a day was counted."""

    day: CountedDay
    version: str
    downloads: int


def values(releases: Sequence[Release], state: Snapshot) -> list[Value]:
    """The counter's values, newest first; one that did not change stands once.

    So does one that the counter returned to: an identifier is one value's, and the
    newest value is the present one.
    """
    found: dict[tuple[str, int], Value] = {}
    for told, same in groupby(_of_each_day(releases, state), key=_told):
        found.pop(told, None)
        found[told] = next(same)
    return list(found.values())[::-1]


def _told(value: Value) -> tuple[str, int]:
    return value.version, value.downloads


def values_shown() -> int:
    """As many values as leave each at least half of the kept days to sum."""
    return max(1, min(MOST_VALUES, settings.RETENTION_DAYS // 2))


def _of_each_day(releases: Sequence[Release], state: Snapshot) -> Iterator[Value]:
    shown = values_shown()
    summed = timedelta(days=settings.RETENTION_DAYS - shown)
    ranked = sorted(releases, key=lambda release: _rank(release.version), reverse=True)
    for day, counted in state.days.items():
        if state.window is None or (state.window.last - day).days >= shown:
            continue
        latest = next((one for one in ranked if one.seen_on <= day), None)
        if latest is not None:
            total = _sum(latest, day - summed, day)
            yield Value(counted, latest.version, total)


def _sum(release: Release, first: date, last: date) -> int:
    return sum(n for day, n in release.downloads.items() if first <= day <= last)


def _rank(version: str) -> tuple[int, Version | str]:
    """Sort final versions above others, and what is no version (PEP 440) below all."""
    try:
        parsed = Version(version)
    except InvalidVersion:
        return 0, version
    return 1 if parsed.is_prerelease else 2, parsed
