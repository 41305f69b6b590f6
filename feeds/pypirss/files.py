"""A package's releases, as far as the files counted tell of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Release:
    """One version of which a file was downloaded, be it by a mirror."""

    version: str
    seen_on: date
    """The first kept day on which one of its files was downloaded."""
    downloads: Mapping[date, int]
    """Downloads of all its files together, by day."""


def releases_of(package: str, *, mirrors: bool) -> list[Release]:
    """Return the known releases; none where files are not told apart."""
    return []
