"""A package's latest events, as its page shows them."""

from dataclasses import dataclass

from packages.events.texts import headline, sentences
from packages.models import Event

LATEST = 10


@dataclass(frozen=True, slots=True)
class ShownEvent:
    """An event in words."""

    event: Event
    headline: str
    sentences: list[str]


def latest_events(normalized: str) -> list[ShownEvent]:
    """The last events of a package, or of all, that still hold; newest first."""
    events = Event.objects.of(normalized).standing()[:LATEST]
    return [ShownEvent(e, headline(e), sentences(e)) for e in events]
