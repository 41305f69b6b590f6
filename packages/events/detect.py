"""Looks for events in every count of a day once, after the day's own transaction."""

import logging
from collections.abc import Callable, Iterator
from datetime import date

from django.db import transaction
from django.db.models import F, Q, QuerySet

from packages import recents, snapshot
from packages.events import of_day, of_week
from packages.events.candidates import Window
from packages.events.found import Found, settle
from packages.events.ledger import Ledger, sunday_of
from packages.events.revisions import revision_of_all
from packages.models import CountedDay, Event, Generation
from packages.turns import take_turns

logger = logging.getLogger(__name__)


def detect_pending(on_day: Callable[[], object] = lambda: None) -> int:
    """Look for the events of the days counted since; return how many events changed.

    A day is done by its mark in the ledger, so an interrupted run is finished by the
    next, and a day that fails is tried again by it and keeps no other waiting. While
    the standings do not hold for the default mirror list, days wait.
    """
    if not recents.is_current():
        return 0
    days = CountedDay.objects.complete().filter(trimmed_at=None).defer("cells")
    waiting = days.filter(Q(events_at=None) | ~Q(events_at=F("counted_at")))
    changed = 0
    for counted in waiting.order_by("day"):
        try:
            changed += _detect(counted)
        except Exception:
            logger.exception("Looking for events of %s failed; it waits", counted.day)
        on_day()
    return changed


def _detect(counted: CountedDay) -> int:
    state = snapshot.current()
    if state.window is None:
        return 0
    window, ledger = Window(state.window.last), Ledger.of(state)
    found = list(_found(counted, window, ledger))
    with transaction.atomic():
        take_turns()
        changed = settle(found, _judged(counted.day, window, ledger))
        done = CountedDay.objects.filter(id=counted.id)
        done.update(events_at=counted.counted_at)
        if changed:
            Generation.rise()
    if changed:
        logger.info("%s: %s events are new or changed", counted.day, changed)
    return changed


def _found(counted: CountedDay, window: Window, ledger: Ledger) -> Iterator[Found]:
    day, sunday = counted.day, sunday_of(counted.day)
    yield from revision_of_all(counted)
    yield from of_day.unusual_days(window, day, ledger)
    yield from of_day.first_downloads(window, day, ledger)
    yield from of_day.totals(window, day, ledger)
    yield from of_day.silences(window, day, ledger)
    yield from of_day.returns(window, day, ledger)
    if sunday in ledger.sundays:
        yield from of_week.milestones(window, sunday, ledger)
        yield from of_week.records(window, sunday, ledger)
        yield from of_week.python_shares(window, sunday, ledger)


def _judged(day: date, window: Window, ledger: Ledger) -> QuerySet[Event]:
    """The events that ``_found`` looked at again, and would have found if they held."""
    sunday = sunday_of(day)
    return Event.objects.filter(
        Q(day=day, kind__in=of_day.judged_kinds(window, day, ledger))
        | Q(day=sunday, kind__in=of_week.judged_kinds(sunday, ledger))
        | Q(day=day, kind=Event.Kind.REVISION, package=None)
        | Q(id__in=of_day.totals_not_reached(day))
    )
