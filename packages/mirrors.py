"""Which clients a mirror list counts, and as what.

The list is applied when a number is read, never when a day is counted, so an edit
changes every kept day at once.
"""

from bisect import bisect_right
from collections.abc import Iterable
from datetime import date, timedelta
from enum import StrEnum
from itertools import groupby

from packages.clients import INVALID, OTHER
from packages.models import Client, MirrorEntry, MirrorList

NULL = "null"
WITH_MIRRORS = "with_mirrors"
WITHOUT_MIRRORS = "without_mirrors"
MIRRORS_ALONE = "mirrors_alone"
MAIN_SYSTEMS = ("Darwin", "Linux", "Windows")


class Dimension(StrEnum):
    """What downloads can be broken down by."""

    PYTHON_MAJOR = "python_major"
    PYTHON_MINOR = "python_minor"
    SYSTEM = "system"
    INSTALLER = "installer"
    CI = "ci"


class Rule:
    """One mirror list, applied to the clients that are known.

    ``pypistats``, the default, is the rule of pypistats.org: four mirrors, unnamed
    installers in ``with_mirrors`` alone, malformed Pythons in no number.
    """

    def __init__(
        self,
        mirror_list: MirrorList,
        entries: Iterable[MirrorEntry],
        clients: Iterable[Client],
    ) -> None:
        self.name = mirror_list.name
        self._list = mirror_list
        self._entries = list(entries)
        self._clients = list(clients)
        self._changes = sorted(_change_days(self._entries))
        self._categories: dict[tuple[Dimension | None, int], dict[int, str]] = {}
        self._kinds: dict[int, dict[int, str]] = {}
        self.counted = {client.id for client in self._clients if self._counts(client)}

    def eras(self, days: Iterable[date]) -> list[list[date]]:
        """Part ``days``, which come in order, where an entry begins or ends."""
        if not self._changes:
            return [list(days)]
        return [list(of_era) for _, of_era in groupby(days, self._era)]

    def people(self, day: date) -> dict[int, str]:
        """Clients that count without mirrors on ``day``, under that one category."""
        return self._mapping(None, self._era(day))

    def kinds(self, day: date) -> dict[int, str]:
        """Those clients, and under another category those that are mirrors."""
        era = self._era(day)
        if era not in self._kinds:
            mirrors = dict.fromkeys(self.counted, MIRRORS_ALONE)
            self._kinds[era] = mirrors | self.people(day)
        return self._kinds[era]

    def categories(self, dimension: Dimension, day: date) -> dict[int, str]:
        """Category of each client that counts without mirrors on ``day``."""
        return self._mapping(dimension, self._era(day))

    def _mapping(self, dimension: Dimension | None, era: int) -> dict[int, str]:
        if (dimension, era) not in self._categories:
            self._categories[dimension, era] = {
                client.id: category(client, dimension) if dimension else WITHOUT_MIRRORS
                for client in self._people_in(era)
            }
        return self._categories[dimension, era]

    def _era(self, day: date) -> int:
        return bisect_right(self._changes, day)

    def _people_in(self, era: int) -> list[Client]:
        first = self._changes[era - 1] if era else date.min
        mirrors = {e.installer for e in self._entries if _holds(e, first)}
        return [
            client
            for client in self._clients
            if client.id in self.counted and self._is_person(client, mirrors)
        ]

    def _counts(self, client: Client) -> bool:
        return self._list.counts_malformed or client.python != INVALID

    def _is_person(self, client: Client, mirrors: set[str]) -> bool:
        if not client.installer:
            return self._list.counts_unnamed
        return client.installer not in mirrors


def category(client: Client, dimension: Dimension) -> str:
    """Name the category of ``client``, spelled as pypistats.org sends it."""
    match dimension:
        case Dimension.PYTHON_MAJOR:
            return _python(client).partition(".")[0]
        case Dimension.PYTHON_MINOR:
            return _python(client)
        case Dimension.SYSTEM:
            known = not client.system or client.system in MAIN_SYSTEMS
            return (client.system or NULL) if known else OTHER
        case Dimension.INSTALLER:
            return client.installer or NULL
        case Dimension.CI:
            return "true" if client.ci else "false"


def category_order(name: str) -> tuple[int, tuple[int, ...], str]:
    """Sort versions by number, then names as text (3.9 before 3.10 before null)."""
    parts = name.split(".")
    if all(part.isdecimal() for part in parts):
        return 0, tuple(map(int, parts)), ""
    return 1, (), name


def _python(client: Client) -> str:
    return OTHER if client.python == INVALID else client.python or NULL


def _change_days(entries: Iterable[MirrorEntry]) -> set[date]:
    starts = {e.valid_from for e in entries if e.valid_from}
    return starts | {
        e.valid_until + timedelta(days=1)
        for e in entries
        if e.valid_until and e.valid_until < date.max
    }


def _holds(entry: MirrorEntry, day: date) -> bool:
    begun = entry.valid_from is None or entry.valid_from <= day
    return begun and (entry.valid_until is None or day <= entry.valid_until)
