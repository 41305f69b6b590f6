"""What a feed's query string may ask for."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from django.http import QueryDict

from feeds.exceptions import AskedValueError, FeedQueryError
from feeds.periods import Every
from packages.list_choice import PARAMETER, asked_list

PARAMETERS = frozenset({"every", "events", PARAMETER})
PACKAGES = "packages"
KNOWN = PARAMETERS | {PACKAGES}


@dataclass(frozen=True, slots=True)
class Choice:
    """Which items a reader wants, and by which mirror list."""

    every: Every | None = None
    """Figures of these periods alone; None: weeks, and events beside them."""
    only_events: bool = False
    mirror_list: str | None = None
    """Events are of the default list alone, so a list asked for has none."""

    @property
    def period(self) -> Every | None:
        """The periods that items are about; None for events alone."""
        return None if self.only_events else self.every or Every.WEEK

    @property
    def with_events(self) -> bool:
        return self.every is None and self.mirror_list is None

    @property
    def kind(self) -> str:
        """Which items the feed has, as its identifier says."""
        if self.only_events:
            return "events"
        return f"every-{self.every}" if self.every else "downloads"

    @property
    def by(self) -> str:
        return by_list(self.mirror_list)

    @property
    def ending(self) -> str:
        """What an identifier of the feed ends with."""
        return f"{self.kind}{list_suffix(self.mirror_list)}"

    def query(self) -> dict[str, str]:
        """The query string in its one canonical order."""
        asked = {
            "every": self.every,
            "events": "only" if self.only_events else None,
            PARAMETER: self.mirror_list,
        }
        return {name: str(value) for name, value in asked.items() if value}


def by_list(mirror_list: str | None) -> str:
    return f" by the mirror list {mirror_list}" if mirror_list else ""


def list_suffix(mirror_list: str | None) -> str:
    """What identifiers end with where a list was asked for: its figures are others."""
    return f":list:{mirror_list}" if mirror_list else ""


def check_taken(query: QueryDict, taken: Collection[str]) -> None:
    """Raise ``FeedQueryError`` for what other feeds take: it was meant for something.

    What none of them takes is ignored: clients add such things against caches.
    """
    for name in query.keys() & KNOWN - set(taken):
        allowed = ", ".join(sorted(taken)) or "nothing"
        message = f"{name} cannot be asked of this address, which takes: {allowed}."
        raise FeedQueryError(message)


def asked_choice(query: QueryDict, *others: str) -> Choice:
    """Read ``every``, ``events`` and ``list``; raise a ``FeedQueryError``.

    ``others`` are what the address takes besides.
    """
    check_taken(query, PARAMETERS.union(others))
    every = one_of(query, "every", Every)
    events = one_of(query, "events", ["only"])
    if every and events:
        message = "every asks for figures alone and events=only for none: ask for one."
        raise FeedQueryError(message)
    mirror_list = asked_list(query)
    if events and mirror_list:
        message = "events are found by the default mirror list; ask without list."
        raise FeedQueryError(message)
    return Choice(Every(every) if every else None, events is not None, mirror_list)


def one_of(query: QueryDict, parameter: str, allowed: Iterable[str]) -> str | None:
    """Return the allowed value that ``parameter`` names, in any case; None if absent.

    Raise ``AskedValueError`` for any other, and for a parameter given twice.
    """
    values = query.getlist(parameter)
    if not values:
        return None
    known = list(map(str, allowed))
    if len(values) > 1 or values[0].lower() not in known:
        raise AskedValueError(parameter, ", ".join(values), known)
    return values[0].lower()
