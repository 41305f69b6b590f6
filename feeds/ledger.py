"""The feed of the day ledger: what became of each day, and known incidents."""

from datetime import date

from django.urls import reverse

from feeds.channels import Channel, Item, absolute
from feeds.markup import joined, markup
from feeds.notes import incident_note, recount_note
from feeds.package import newest_first
from feeds.periods import Every, Period
from feeds.recounts import settled_at, told_recount
from feeds.words import downloads, plain
from packages import coverage
from packages.incidents import incidents_on, shown_incidents
from packages.models import CountedDay, Incident
from packages.snapshot import Snapshot

DAYS = 30


def ledger_channel(state: Snapshot) -> Channel:
    begun = min(state.days, default=date.max)
    rows = [row for row in coverage.ledger(state) if row.day >= begun]
    told = [row for row in rows if row.status != row.Status.PARTIAL][-DAYS:]
    incidents = shown_incidents(state)
    items = [_day_item(row, incidents) for row in told]
    items += [_incident_item(incident) for incident in incidents]
    return Channel(
        guid="pypistats-site:ledger",
        title="State of every day",
        description="Which days are counted, missing, revised or within an incident.",
        link=absolute(reverse("status")),
        path=reverse("feeds:days-page"),
        query={},
        items=newest_first(items),
        begun_at=coverage.begun_at(state),
    )


def _day_item(row: CountedDay, incidents: list[Incident]) -> Item:
    over_at = Period.around(Every.DAY, row.day).over_at
    said, page = _said(row), absolute(reverse("status"))
    hits = incidents_on(row.day, row.source, incidents)
    notes = [*map(incident_note, hits)]
    if recount := told_recount(row):
        notes.append(recount_note(row.day, recount))
    counted_at = settled_at(row, told_recount(row)) or over_at
    moments = [over_at, counted_at, *(hit.changed_at for hit in hits)]
    return Item(
        guid=f"pypistats-site:ledger:day:{row.day}",
        title=f"{row.day}: {said}",
        link=_item_page(str(row.day)),
        summary=f"{row.day} (UTC): {said}.",
        html=markup(
            '<p>{} (UTC): {}.</p>{}<p><a href="{}">Every day</a></p>',
            row.day,
            said,
            joined(notes),
            page,
        ),
        published=over_at,
        updated=max(moments),
        tags=(row.status,),
    )


def _said(row: CountedDay) -> str:
    if row.status == row.Status.MISSING:
        return "not counted"
    number = "1 package" if row.packages == 1 else f"{row.packages:,} packages"
    text = f"{downloads(row.downloads)} of {number}"
    if row.status == row.Status.INCIDENT:
        text = f"{text}, within an incident"
    return f"{text}, counted again" if told_recount(row) else text


def _incident_item(incident: Incident) -> Item:
    last = incident.last_day
    until = "and going on" if last is None else f"to {last}"
    when = f"{incident.first_day} {until}"
    if last == incident.first_day:
        when = str(last)
    over_at = Period.around(Every.DAY, incident.first_day).over_at
    return Item(
        guid=f"pypistats-site:incident:{incident.pk}",
        title=f"Incident: {plain(incident.title)}, {when}",
        link=_item_page(f"incident-{incident.pk}"),
        summary=incident.effect or incident.title,
        html=markup("{}<p>{}</p>", incident_note(incident), when),
        published=over_at,
        updated=max(over_at, incident.changed_at),
        tags=("incident",),
    )


def _item_page(anchor: str) -> str:
    return f"{absolute(reverse('feeds:days-page'))}#{anchor}"
