"""File names and versions as they are kept: of bounded length, spelled alike."""

import re
from typing import NamedTuple

from packaging.utils import (
    InvalidSdistFilename,
    InvalidWheelFilename,
    parse_sdist_filename,
    parse_wheel_filename,
)
from packaging.version import InvalidVersion, Version

from packages.models.files import MAX_FILENAME, MAX_VERSION

_OLD_VERSION = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+!-]*", re.ASCII)

SIDE_FILES = (".metadata", ".provenance", ".asc")
"""Endings of files beside a distribution file, which counted until 2026-08-24."""


class Named(NamedTuple):
    """A file as it is kept; the empty string is what is not known."""

    filename: str
    version: str


def bounded(filename: str | None, version: str | None) -> Named:
    """Keep what can be kept; a version that was not sent is read from the name."""
    kept = _printable(filename, MAX_FILENAME)
    return Named(kept, spelled(version) or spelled(version_of(kept)))


def spelled(version: str | None) -> str:
    """Return a version in its normal spelling; one from before PEP 440, as it was sent.

    What could never have been a version is not known.
    """
    kept = _printable(version, MAX_VERSION)
    try:
        return _printable(str(Version(kept)), MAX_VERSION)
    except InvalidVersion:
        return kept if _OLD_VERSION.fullmatch(kept) else ""


def version_of(filename: str) -> str | None:
    """Return the version that a wheel's, an egg's or an sdist's name says, or None."""
    for ending in SIDE_FILES:
        filename = filename.removesuffix(ending)
    bare, _, rest = filename.partition("-")
    try:
        if filename.endswith(".whl"):
            # Installers accept more spellings of the name than packaging does.
            return str(parse_wheel_filename(f"name-{rest}")[1])
        if filename.endswith(".egg"):
            return rest.removesuffix(".egg").partition("-")[0].replace("_", "-") or None
        return str(parse_sdist_filename(filename)[1]) if bare else None
    except (InvalidSdistFilename, InvalidWheelFilename):
        return None


def _printable(text: str | None, most: int) -> str:
    """Return ``text`` if it can be shown and stored as it is, else nothing."""
    if text is None or len(text) > most or not text.isprintable():
        return ""
    return text
