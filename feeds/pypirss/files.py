"""A package's releases, as far as the files counted tell of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from packages import releases
from packages.exceptions import NotByVersionError
from packages.mirrors import NULL


@dataclass(frozen=True, slots=True)
class Release:
    """One version of which a file was downloaded, be it by a mirror."""

    version: str
    seen_on: date
    """The first kept day on which one of its files was downloaded; or long before."""
    downloads: Mapping[date, int]
    """Downloads of all its files together, by day."""


def releases_of(package: str, *, mirrors: bool) -> list[Release]:
    """Return the known releases; none where files are not told apart.

    One that was not downloaded on any kept day is among them, because it was before.
    """
    try:
        found = releases.of_package(package)
    except NotByVersionError:
        return []
    everyone = found.by_version(mirrors=True)
    counted = everyone if mirrors else found.by_version()
    return [
        Release(
            version,
            seen_on=min(everyone.get(version, ()), default=date.min),
            downloads=counted.get(version, {}),
        )
        for version in found.versions()
        if version != NULL
    ]
