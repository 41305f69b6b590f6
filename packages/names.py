"""Package names: the only place that spells the normalized form (PEP 503)."""

import re
from collections.abc import Iterable

from packaging.utils import canonicalize_name

ALL_PACKAGES = "__all__"
"""The total of every package. No package can be called so: names begin alphanumeric."""

MAX_NAME_LENGTH = 255

_VALID = re.compile(r"[A-Z0-9](?:[A-Z0-9._-]*[A-Z0-9])?", re.ASCII | re.IGNORECASE)


def is_valid_name(name: str) -> bool:
    """Say whether ``name`` is one that the packaging standards allow (PEP 508)."""
    return len(name) <= MAX_NAME_LENGTH and _VALID.fullmatch(name) is not None


def normalize_name(name: str) -> str | None:
    """Return the PEP 503 form of ``name``, or None for what can be no package's name.

    ``__all__`` stands for itself.
    """
    if name == ALL_PACKAGES:
        return name
    return canonicalize_name(name) if is_valid_name(name) else None


def normalize_package(name: str) -> str | None:
    """Return the PEP 503 form of one package's name: ``__all__`` is none."""
    return None if name == ALL_PACKAGES else normalize_name(name)


class WrongNameError(ValueError):
    """No package can be called ``name``."""

    def __init__(self, name: str) -> None:
        super().__init__(f"{name!r} is no package name.")
        self.name = name


def normalize_packages(names: Iterable[str]) -> set[str]:
    """Return ``normalize_package`` of all names; raise ``WrongNameError``."""
    found = set()
    for name in names:
        normalized = normalize_package(name)
        if normalized is None:
            raise WrongNameError(name)
        found.add(normalized)
    return found


def normalize_prefix(text: str) -> str | None:
    """Return what normalized names start with when they start like ``text``.

    None for what no package's name can start with.
    """
    whole = normalize_name(f"{text}0") if text else None
    return whole[:-1] if whole else None


SQL_NORMALIZED = "lower(regexp_replace({name}, '[-_.]+', '-', 'g'))"
"""``normalize_name`` of a valid name, for DuckDB."""

SQL_IS_VALID = (
    "regexp_full_match({name}, '[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?')"
    f" AND length({{name}}) <= {MAX_NAME_LENGTH}"
)
"""``is_valid_name``, for DuckDB."""
