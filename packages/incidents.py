"""What incidents make of the ledger: counted days within one are marked."""

from collections.abc import Iterable
from datetime import date

from django.db import transaction

from packages.models import CountedDay, Generation, Incident
from packages.models.ledger import CountedDayQuerySet
from packages.snapshot import Snapshot
from packages.turns import take_turns
from packages.xml_text import xml_text


def status_when_over(day: date, source: str) -> CountedDay.Status:
    """Return the status of a day that is over and was counted from ``source``."""
    hit = Incident.objects.on(day).concerning(source).exists()
    return CountedDay.Status.INCIDENT if hit else CountedDay.Status.COMPLETE


def mark_days() -> None:
    """Give every counted day the status that the incidents of now ask for."""
    with transaction.atomic():
        take_turns()
        incidents = list(Incident.objects.all())
        rows = CountedDay.objects.complete().values_list("id", "day", "source")
        hit = [row for row, day, source in rows if incidents_on(day, source, incidents)]
        complete = CountedDay.objects.complete()
        _mark(complete.filter(id__in=hit), CountedDay.Status.INCIDENT)
        _mark(complete.exclude(id__in=hit), CountedDay.Status.COMPLETE)
        Generation.rise()


def _mark(days: CountedDayQuerySet, status: CountedDay.Status) -> None:
    """Give ``days`` that status; those that had another are looked at for events."""
    days.exclude(status=status).update(status=status, events_at=None)


def incidents_on(
    day: date, source: str, incidents: Iterable[Incident]
) -> list[Incident]:
    """Those of ``incidents`` that made the numbers of ``day`` from ``source`` wrong."""
    whose = Incident.whose_numbers(source)
    return [
        incident
        for incident in incidents
        if day in incident and incident.whose in whose
    ]


def shown_incidents(state: Snapshot) -> list[Incident]:
    """The incidents that hit a day on show, oldest first; read once a generation."""
    return state.remembered("incidents", lambda: _shown(state))


def _shown(state: Snapshot) -> list[Incident]:
    if not any(day.status == day.Status.INCIDENT for day in state.days.values()):
        return []
    known = Incident.objects.between(min(state.days), max(state.days))
    sources = {day.source for day in state.days.values()}
    whose = {whose for source in sources for whose in Incident.whose_numbers(source)}
    found = known.filter(whose__in=whose).order_by("first_day", "title")
    return list(map(_for_feeds, found))


def _for_feeds(incident: Incident) -> Incident:
    """What was stored unchecked may hold characters that would end every feed."""
    for name in Incident.TEXTS:
        setattr(incident, name, xml_text(getattr(incident, name)))
    return incident
