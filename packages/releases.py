"""Downloads by release and by file, where those are told apart."""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from datetime import date
from typing import NamedTuple

from packaging.version import InvalidVersion, Version

from packages import snapshot
from packages.cells import read_days
from packages.details import file_and_client
from packages.exceptions import NotByVersionError, UnknownPackageError
from packages.mirrors import NULL, Rule
from packages.models import CountedDay, DownloadRecord, File
from packages.models.downloads import month_of
from packages.months import is_known
from packages.names import ALL_PACKAGES, normalize_name
from packages.snapshot import Snapshot
from packages.stats import Series

NOT_COUNTED = 0
"""No file's id."""

Day = tuple[date, list[int]]


class FileDownloads(NamedTuple):
    """What a file was downloaded; an empty name or version is one that is not known."""

    filename: str
    version: str
    downloads: int


class Releases:
    """One package's kept days by file under one mirror list, summed as asked."""

    def __init__(
        self,
        package: str,
        state: Snapshot,
        rule: Rule,
        files: dict[int, tuple[str, str]],
        days: list[Day],
    ) -> None:
        self.package = package
        self.state = state
        self.rule = rule
        self._files = files
        self._days = days

    @property
    def counted(self) -> Mapping[date, CountedDay]:
        """The days on show on which the package was counted, downloaded or not."""
        return self.state.days_of(self.package)

    def between(self, first: date, last: date) -> "Releases":
        """Return the same without the days before ``first`` and after ``last``."""
        days = [item for item in self._days if first <= item[0] <= last]
        return Releases(self.package, self.state, self.rule, self._files, days)

    def versions(self) -> list[str]:
        """Every version ever downloaded, by number; what is none comes last."""
        names = {version or NULL for _, version in self._files.values()}
        return sorted(names, key=version_order)

    def by_version(self, *, mirrors: bool = False) -> Series:
        """Downloads by version, in the order of numbers, then by day."""
        sums: dict[str, dict[date, int]] = {}
        for day, of_day in self._by_day(mirrors=mirrors):
            for file, downloads in of_day.items():
                by_day = sums.setdefault(self._files[file][1] or NULL, {})
                by_day[day] = by_day.get(day, 0) + downloads
        return {version: sums[version] for version in sorted(sums, key=version_order)}

    def by_file(self, *, mirrors: bool = False) -> list[FileDownloads]:
        """Sums of the days by file: by version, then by file name."""
        sums = Counter[int]()
        for _, of_day in self._by_day(mirrors=mirrors):
            sums.update(of_day)
        found = [FileDownloads(*self._files[file], n) for file, n in sums.items()]
        return sorted(found, key=lambda f: (version_order(f.version or NULL), f))

    def _by_day(self, *, mirrors: bool) -> Iterator[tuple[date, dict[int, int]]]:
        """Each day's downloads by file."""
        known: dict[int, _CountedAs] = {}
        for day, cells in self._days:
            counted = self.rule.counted if mirrors else self.rule.people(day)
            # The rule keeps one collection of clients until an entry begins or ends.
            files = known.setdefault(id(counted), _CountedAs(counted))
            sums: dict[int, int] = {}
            for key, downloads in zip(cells[2::2], cells[3::2], strict=True):
                file = files[key]
                sums[file] = sums.get(file, 0) + downloads
            sums.pop(NOT_COUNTED, None)
            yield day, sums


class _CountedAs(dict[int, int]):
    """The file that a key is counted as; each is taken apart once, for all days."""

    def __init__(self, clients: Collection[int]) -> None:
        super().__init__()
        self._clients = clients

    def __missing__(self, key: int) -> int:
        file, client = file_and_client(key)
        self[key] = file if client in self._clients else NOT_COUNTED
        return self[key]


def of_package(
    name: str, mirror_list: str | None = None, *, since: date = date.min
) -> Releases:
    """Return the kept days of the package called ``name``, in any spelling, by file.

    A day that was counted without files is not among them. Raise ``NotByVersionError``
    where no file was ever told apart, ``UnknownPackageError`` or
    ``UnknownMirrorListError``.
    """
    normalized = normalize_name(name)
    if normalized is None or not is_known(normalized):
        raise UnknownPackageError(name)
    if normalized == ALL_PACKAGES or not File.objects.exists():
        raise NotByVersionError(normalized)
    state = snapshot.current()
    days = sorted(_days(normalized, state, since))
    files = File.objects.filter(package__normalized_name=normalized).order_by()
    rows = files.values_list("id", "filename", "version")
    named = {file: (filename, version) for file, filename, version in rows}
    state = snapshot.that_knows(_newest_client(days), state)
    return Releases(normalized, state, state.rule(mirror_list), named, days)


def _newest_client(days: list[Day]) -> int:
    keys = set().union(*(cells[2::2] for _, cells in days))
    return max((file_and_client(key)[1] for key in keys), default=0)


def version_order(version: str) -> tuple[int, Version | str]:
    """Sort versions by number (1.9 before 1.10), then what is none, then null."""
    try:
        return 0, Version(version)
    except InvalidVersion:
        return (2 if version == NULL else 1), version


def _days(package: str, state: Snapshot, since: date) -> Iterator[Day]:
    first = max(since, state.window.first) if state.window else since
    records = DownloadRecord.objects.filter(
        package__normalized_name=package, month__gte=month_of(first)
    )
    rows = records.exclude(details="").order_by().values_list("month", "details")
    for month, details in rows:
        for cells in read_days(details):
            day = month.replace(day=cells[0])
            if day >= first and day in state.days:
                yield day, cells
