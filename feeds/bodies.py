"""The text of a period's item, as HTML that any feed reader shows.

Built of escaped pieces and not by a template: a feed has up to thirty items, and
rendering them through templates took longer than everything else together.
"""

from collections.abc import Iterator
from datetime import date

from django.utils.safestring import SafeString

from feeds.figures import BREAKDOWNS, Comparison, Figures
from feeds.followed import Followed
from feeds.markup import joined, markup, table
from feeds.recounts import Recount
from feeds.words import BEFORE, called, change, days_counted, downloads, share
from packages.mirrors import Dimension
from packages.models import Incident

TOP = 5


def body(
    followed: Followed, one: Figures, picture: SafeString, *, clients: bool
) -> SafeString:
    """Tell one period: sentence, notes, picture, tables (of ``clients`` too), links."""
    parts = [_lead(followed, one), *_notes(one), picture, _comparison(one)]
    if clients and one.now.without_mirrors:
        parts += [_breakdown(one, *column) for column in BREAKDOWNS.items()]
    parts.append(followed.links)
    return joined(parts, "\n")


def _lead(followed: Followed, one: Figures) -> SafeString:
    number, _, noun = downloads(one.now.without_mirrors).partition(" ")
    return markup(
        "<p><strong>{}</strong> {} of {} {}; {} with mirrors{}. {} (UTC).</p>",
        number,
        noun,
        followed.name,
        one.period.when,
        f"{one.now.with_mirrors:,}",
        f",{followed.by}" if followed.by else "",
        one.period.words,
    )


def _notes(one: Figures) -> Iterator[SafeString]:
    if one.counted.missing:
        missing = ", ".join(map(str, one.counted.missing))
        yield markup("<p>{}; not counted: {}.</p>", days_counted(one), missing)
    if one.before and one.counted.is_whole and not one.before.comparable:
        yield markup(
            "<p>{} cannot be compared: a day of it was not counted, or a download"
            " meant something else.</p>",
            BEFORE[one.period.every].capitalize(),
        )
    yield from map(incident_note, one.counted.incidents)
    for day, recount in one.counted.corrected().items():
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
        "<p>{} was counted again on {}: all packages together had {} downloads before"
        " and have {} since.</p>",
        day,
        recount.at.date(),
        f"{recount.before:,}",
        f"{recount.after:,}",
    )


def _comparison(one: Figures) -> SafeString:
    total = one.now.without_mirrors
    others = [other for other in (one.before, one.year_ago) if other]
    earlier = [
        (other.period.words, f"{other.downloads:,}", _to(total, other))
        for other in others
    ]
    head = ("", "Downloads", "Change since")
    return table(head, [(one.period.words, f"{total:,}", ""), *earlier])


def _to(total: int, other: Comparison) -> str:
    if not other.comparable or other.downloads == 0:
        return ""
    return change(total, other.downloads)


def _breakdown(one: Figures, dimension: Dimension, title: str) -> SafeString:
    total = one.now.without_mirrors
    rows = one.now.breakdowns[dimension][:TOP]
    lines = [(called(name), f"{n:,}", share(n, total)) for name, n in rows]
    return table((title, "Downloads", "Share"), lines)
