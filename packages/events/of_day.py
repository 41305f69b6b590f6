"""The events of one day: unusual, first, last, again, and passed in total."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date, timedelta
from statistics import median

from packages.events import candidates, judge
from packages.events.candidates import Row, Window
from packages.events.found import Found, PackageId
from packages.events.judge import Usual
from packages.events.ledger import Ledger, days_to, week_to
from packages.events.subjects import Subject, all_packages, subjects
from packages.events.texts import Facts
from packages.events.thresholds import (
    HISTORY_DAYS,
    SILENT_DAYS,
    UNUSUAL_QUIET,
    UNUSUAL_RATIO,
    UNUSUAL_RATIO_OF_ALL,
)
from packages.models import Event, Package, Standing

Kind = Event.Kind


def judged_kinds(window: Window, day: date, ledger: Ledger) -> list[Event.Kind]:
    """The kinds of that day's events that what is kept suffices to judge again."""
    can_tell = {
        Kind.UNUSUAL: ledger.same_weekdays(day) or not ledger.is_trusted(day),
        Kind.FIRST: day in window and _has_history(day, ledger),
        Kind.SILENT: candidates.silence_before(day)[0] in window,
        Kind.RETURN: week_to(day)[0] in window,
    }
    return [kind for kind, known in can_tell.items() if known]


def unusual_days(window: Window, day: date, ledger: Ledger) -> Iterator[Found]:
    """The packages whose day is unlike its weekdays before, and who owns that."""
    weekdays = ledger.same_weekdays(day)
    if not weekdays:
        return
    everything = all_packages()
    told = _told_before(day)
    alike = ledger.known(everything.name, day).same_weekdays(day)
    yield from _unusual(everything, Usual(day, alike, UNUSUAL_RATIO_OF_ALL), told)
    if ledger.seems_doubled(day):
        return
    now = everything.people.get(day, 0)
    before = [everything.people.get(other, 0) for other in alike]
    usual = Usual(day, (), UNUSUAL_RATIO, now, int(median(before or [0])))
    ids = candidates.unusual(window, day, weekdays)
    counted = filter(ledger.counting.counted_on([day]), ids)
    for subject in subjects([*counted, *judged_before(day, Kind.UNUSUAL)]):
        own = ledger.known(subject.name, day).same_weekdays(day)
        yield from _unusual(subject, replace(usual, weekdays=own), told)


def _unusual(
    subject: Subject, usual: Usual, told: set[tuple[PackageId, bool]]
) -> Iterator[Found]:
    facts = judge.unusual(subject.people, usual) if usual.weekdays else None
    if facts is None or (subject.package_id, _is_rise(facts)) in told:
        return
    facts["owner"] = subject.owner(usual.day, usual.weekdays)
    key = f"{Kind.UNUSUAL}:{usual.day}"
    yield Found(subject.package_id, Kind.UNUSUAL, key, usual.day, facts)


def _told_before(day: date) -> set[tuple[PackageId, bool]]:
    """Who had an unusual day lately, and whether that was a rise."""
    since = day - timedelta(days=UNUSUAL_QUIET - 1)
    events = Event.objects.standing().filter(kind=Kind.UNUSUAL)
    rows = events.filter(day__gte=since, day__lt=day).values_list("package_id", "facts")
    return {(package, _is_rise(facts)) for package, facts in rows}


def _is_rise(facts: Facts) -> bool:
    return bool(facts["downloads"] > facts["usual"])


def judged_before(day: date, kind: Event.Kind) -> list[int]:
    """The packages with such an event of that day: they are judged again."""
    events = Event.objects.filter(kind=kind, day=day).exclude(package=None)
    return [
        package for package in events.values_list("package_id", flat=True) if package
    ]


def first_downloads(window: Window, day: date, ledger: Ledger) -> Iterator[Found]:
    if not _has_history(day, ledger):
        return
    rows = candidates.first(window, day)
    for (package, downloads), began in _long_counted(rows, day, ledger):
        facts = {"downloads": downloads, "since": began.isoformat()}
        yield Found(package, Kind.FIRST, str(Kind.FIRST), day, facts)


def totals(window: Window, day: date, ledger: Ledger) -> Iterator[Found]:
    if not _has_history(day, ledger):
        return
    rows = candidates.totals(window, day)
    for (package, passed, downloads), began in _long_counted(rows, day, ledger):
        facts = {"passed": passed, "downloads": downloads, "since": began.isoformat()}
        yield Found(package, Kind.TOTAL, f"{Kind.TOTAL}:{passed}", day, facts)


def totals_not_reached(day: date) -> Iterable[int]:
    """Ids of the events of ``day`` whose round number the total no longer reaches."""
    told = Event.objects.filter(kind=Kind.TOTAL, day=day)
    rows = list(told.values_list("id", "package_id", "facts"))
    held = dict(
        Standing.objects.filter(package__events__in=told).values_list(
            "package_id", "total"
        )
    )
    return [
        event
        for event, package, facts in rows
        if held.get(package, 0) < facts["passed"]
    ]


def _has_history(day: date, ledger: Ledger) -> bool:
    return (day - ledger.began).days >= HISTORY_DAYS


def _long_counted(
    rows: list[Row], day: date, ledger: Ledger
) -> Iterator[tuple[Row, date]]:
    """Those of the candidates with history enough of their own, and since when.

    A package that was left out in between has none: what it did then is not known.
    """
    counting = ledger.counting
    if not counting.names:
        yield from ((row, ledger.began) for row in rows)
        return
    is_counted = counting.counted_on(days_to(day, HISTORY_DAYS))
    kept = {row[0]: row for row in rows if is_counted(row[0])}
    named = Package.objects.filter(id__in=kept).values_list("id", "normalized_name")
    for package, name in named.order_by("id"):
        began = counting.began(name, day)
        if began and (day - began).days >= HISTORY_DAYS:
            yield kept[package], began


def silences(window: Window, day: date, ledger: Ledger) -> Iterator[Found]:
    """Packages that have had no downloads for long enough, of days that are known."""
    days = days_to(day, SILENT_DAYS)
    if not all(map(ledger.is_trusted, days)):
        return
    before = candidates.silence_before(day)
    is_counted = ledger.counting.counted_on(before + days)
    for package, *downloads in candidates.silent(window, day):
        if not is_counted(package):
            continue
        slots = dict(zip(before, downloads, strict=True))
        facts = judge.silent(slots, SILENT_DAYS)
        key = f"{Kind.SILENT}:{facts['last_day']}"
        yield Found(package, Kind.SILENT, key, day, facts)


def returns(window: Window, day: date, ledger: Ledger) -> Iterator[Found]:
    """Packages that were told to be silent, and are not."""
    weeks: dict[int, int] = dict(candidates.returned(window, day))
    kinds = (Kind.SILENT, Kind.RETURN)
    told = Event.objects.standing().filter(package_id__in=weeks, kind__in=kinds)
    before = told.filter(day__lt=day).select_related("package").order_by("day", "id")
    last = {event.package_id: event for event in before}
    for package, event in last.items():
        left_out = ledger.counting.left_out(event.name, day) or date.min
        if event.kind == Kind.SILENT and package is not None and left_out < event.day:
            silent_after = event.facts["last_day"]
            facts = {"silent_after": silent_after, "downloads": weeks[package]}
            key = f"{Kind.RETURN}:{silent_after}"
            yield Found(package, Kind.RETURN, key, day, facts)
