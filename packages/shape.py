"""The code and settings that shape answers, and since when they are what they are here.

A process that starts again with the same ones answers what it answered before, so its
answers are no newer; neither are those of the one beside it.
"""

import fcntl
import hashlib
import time
from functools import cache
from pathlib import Path

from django.conf import settings

STARTED = int(time.time())
"""Code and settings are older than the process that runs them."""

FILE = "shape"
_CODE = ("packages", "api", "feeds", "pypistats_site", "templates")
_SETTINGS = (
    "VERSION",
    "BASE_URL",
    "PACKAGE_INDEX_URL",
    "RETENTION_DAYS",
    "API_RATE_LIMITS",
    "STATIC_URL",
)


def shape() -> str:
    """Return a hash of code, templates and settings."""
    values = [getattr(settings, name) for name in _SETTINGS]
    return hashlib.sha256(repr((_code(), *values)).encode()).hexdigest()


@cache
def shaped_at() -> int:
    """Return the second since which the shape is what it is, by a file in VAR_DIR.

    That is the start of the first process that had it; of this one if no file can be
    written.
    """
    try:
        with Path(settings.VAR_DIR, FILE).open("a+") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            file.seek(0)
            known, _, since = file.read().partition(" ")
            if known == shape() and since.isdecimal():
                return int(since)
            file.truncate(0)
            file.write(f"{shape()} {STARTED}")
    except OSError:
        pass
    return STARTED


@cache
def _code() -> str:
    digest = hashlib.sha256()
    for folder in _CODE:
        for path in sorted(Path(settings.BASE_DIR, folder).rglob("*")):
            if path.suffix in {".py", ".html", ".xml", ".txt"}:
                digest.update(path.read_bytes())
    return digest.hexdigest()
