"""What an item says beside the numbers: days that are missing, wrong or corrected."""

from collections.abc import Iterator
from datetime import date

from django.utils.safestring import SafeString

from feeds.counted import Counted
from feeds.markup import joined, markup
from feeds.periods import BEFORE
from packages.models import Incident
from packages.recounts import Recount


def notes(one: Counted, before: Counted) -> SafeString:
    """Return a line for each thing to know of a period, and of the one before it."""
    return joined(markup("{}\n", note) for note in _notes(one, before))


def _notes(one: Counted, before: Counted) -> Iterator[SafeString]:
    if one.missing:
        missing = ", ".join(map(str, one.missing))
        yield markup("<p>{}; not counted: {}.</p>", one.coverage, missing)
    if before.days and one.is_whole and not one.is_comparable_with(before):
        yield markup(
            "<p>{} cannot be compared: a day of it was not counted, or a download"
            " meant something else.</p>",
            BEFORE[one.period.every].capitalize(),
        )
    yield from map(incident_note, one.incidents)
    for day, recount in one.corrected().items():
        yield recount_note(day, recount)


def incident_note(incident: Incident) -> SafeString:
    evidence = (
        markup(' <a href="{}">Evidence</a>', incident.evidence)
        if incident.evidence
        else ""
    )
    return markup(
        "<p>Within an incident: {}. {}{}</p>",
        incident.title,
        incident.effect,
        evidence,
    )


def recount_note(day: date, recount: Recount) -> SafeString:
    return markup(
        "<p>{} was counted again on {}. Its downloads, mirrors included: {} before,"
        " {} since.</p>",
        day,
        recount.at.date(),
        f"{recount.before:,}",
        f"{recount.after:,}",
    )
