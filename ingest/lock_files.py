"""Package names in lock files, whose kind is told by what is in them."""

import json
import tomllib
from collections.abc import Iterator, Mapping
from typing import Any

from ingest.named_packages import (
    NamedPackages,
    NamesFileError,
    read_text,
    shortened,
    shown_name,
)
from packages.names import normalize_package

KNOWN = "uv.lock, poetry.lock, pdm.lock, pylock.toml, Pipfile.lock"

_ELSEWHERE = frozenset(
    {
        *("git", "hg", "svn", "bzr", "vcs"),
        *("path", "file", "url", "directory", "archive", "editable"),
    }
)
"""Keys of packages that come from no index."""

Entries = Iterator[tuple[Any, Mapping[str, Any]]]
"""Names as written, and what the file says of each."""


def read_lock(file: str) -> NamedPackages:
    """Return the packages that a lock file takes from an index."""
    found = NamedPackages()
    for name, entry in _entries(_document(file), file):
        normalized = normalize_package(name) if isinstance(name, str) else None
        if normalized is None:
            message = (
                f"{shown_name(file)} names {shortened(repr(name))}, which is no package"
                " name; nothing was changed."
            )
            raise NamesFileError(message)
        if _is_elsewhere(entry):
            found.skipped.append(f"{shown_name(file)}: {normalized}")
        else:
            found.names.add(normalized)
    return found


def _document(file: str) -> Mapping[str, Any]:
    text = read_text(file)
    parse = json.loads if text.lstrip().startswith("{") else tomllib.loads
    try:
        document: Any = parse(text)
    except (ValueError, RecursionError) as error:
        message = f"{shown_name(file)} is neither JSON nor TOML: {error}."
        raise NamesFileError(message) from error
    return document if isinstance(document, Mapping) else {}


def _entries(document: Mapping[str, Any], file: str) -> Entries:
    match document:
        case {"lock-version": str(), "packages": list(packages)}:  # pylock.toml
            return _of_list(packages)
        case {"metadata": {"lock-version": str()}, **rest}:  # poetry.lock
            return _of_list(rest.get("package", []))
        case {"metadata": {"lock_version": str()}, **rest}:  # pdm.lock
            return _of_list(rest.get("package", []))
        case {"version": int(), "requires-python": str(), **rest}:  # uv.lock
            return _of_list(rest.get("package", []))
        case {"_meta": {}, **groups}:  # Pipfile.lock
            return _of_groups(groups)
    message = f"{shown_name(file)} is no lock file of a known kind: {KNOWN}."
    raise NamesFileError(message)


def _of_list(packages: Any) -> Entries:
    for package in packages if isinstance(packages, list) else []:
        entry = package if isinstance(package, Mapping) else {}
        yield entry.get("name"), entry


def _of_groups(groups: Mapping[str, Any]) -> Entries:
    for group in groups.values():
        for name, entry in group.items() if isinstance(group, Mapping) else ():
            yield name, entry if isinstance(entry, Mapping) else {}


def _is_elsewhere(entry: Mapping[str, Any]) -> bool:
    source = entry.get("source")
    if not isinstance(source, Mapping):
        return not _ELSEWHERE.isdisjoint(entry)
    if "type" in source:  # poetry's; "legacy" is an index other than the default
        return bool(source["type"] != "legacy")
    return "registry" not in source  # uv's
