"""Package names in pip's requirements files."""

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from packaging.requirements import InvalidRequirement, Requirement

from ingest.named_packages import (
    STDIN,
    NamedPackages,
    NamesFileError,
    read_text,
    shortened,
    shown_name,
)
from packages.names import normalize_package

MAX_FILES = 100

_COMMENT = re.compile(r"(^|\s)#.*$")
_INCLUDE = re.compile(r"(?:-r|--requirement(?=[\s=]))\s*=?\s*(?P<file>.*)")
_EDITABLE = re.compile(r"(-e|--editable(?=[\s=]|$))")
# Tried at the beginning of a gap only: a line may be one gap of megabytes.
_OPTIONS_OF_REQUIREMENT = re.compile(r"(?<!\s)\s+--?[A-Za-z].*$")
_ARCHIVE = re.compile(
    r"\S+\.(whl|zip|tar|tar\.(gz|bz2|xz)|tgz|tbz)(\[[^\]]*\])?\s*(;.*)?$"
)
"""A file beside this one: pip takes it for one though it could be a name."""
_PLACE = re.compile(r"[/\\]|^\.|^file:")
"""What looks like an address or a path, and names no package of an index."""


class _NoRequirementError(NamesFileError):
    def __init__(self, where: str) -> None:
        super().__init__(f"{where} is no requirement; nothing was changed.")


class Line(NamedTuple):
    """A line as pip understands it: continuations joined, without its comment."""

    number: int
    text: str


def read_requirements(file: str) -> NamedPackages:
    """Return the packages of a requirements file and of those that it includes.

    Constraints and options are left out. Raise ``NamesFileError`` for a line that
    cannot be understood.
    """
    found = NamedPackages()
    waiting, seen = [file], set[str]()
    while waiting:
        current = waiting.pop()
        if _identity(current) in seen:
            continue
        seen.add(_identity(current))
        if len(seen) > MAX_FILES:
            message = f"{shown_name(file)} includes more than {MAX_FILES} files."
            raise NamesFileError(message)
        for line in _lines(read_text(current)):
            waiting += _read(line, current, found)
    return found


def _identity(file: str) -> str:
    # Not Path.resolve: it raises where symbolic links go round in a circle.
    return file if file == STDIN else os.path.realpath(file)


def _lines(text: str) -> Iterator[Line]:
    first, joined = 1, ""
    for number, line in enumerate(text.splitlines(), 1):
        if not joined:
            first = number
        bare = _COMMENT.sub("", line)
        joined += bare.rstrip("\\")
        if bare == line and line.endswith("\\"):
            continue
        if joined.strip():
            yield Line(first, joined.strip())
        joined = ""
    if joined.strip():
        yield Line(first, joined.strip())


def _read(line: Line, file: str, found: NamedPackages) -> list[str]:
    """Add what a line names, and return the files that it includes."""
    where = f"{shown_name(file)}, line {line.number}: {shortened(line.text)}"
    include = _INCLUDE.match(line.text)
    if "\0" in line.text:  # no path may have it either
        raise _NoRequirementError(where)
    if include and "://" not in include["file"]:
        return [_beside(file, include["file"].strip("'\" "))]
    if include or _EDITABLE.match(line.text):
        found.skipped.append(where)
    elif not line.text.startswith("-"):
        name = _name(_OPTIONS_OF_REQUIREMENT.sub("", line.text), where)
        if name is None:
            found.skipped.append(where)
        else:
            found.names.add(name)
    return []


def _beside(file: str, included: str) -> str:
    beside = str((Path() if file == STDIN else Path(file).parent) / included)
    return f"./{beside}" if beside == STDIN else beside


def _name(text: str, where: str) -> str | None:
    """Return a requirement's package; None for what comes from somewhere else."""
    if _ARCHIVE.match(text):
        return None
    try:
        requirement = Requirement(text)
    except (InvalidRequirement, RecursionError) as error:
        if _PLACE.search(text):
            return None
        raise _NoRequirementError(where) from error
    name = normalize_package(requirement.name)
    if name is None:
        message = f"{where} has a name that no package can have; nothing was changed."
        raise NamesFileError(message)
    return None if requirement.url else name
