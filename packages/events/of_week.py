"""The events of one complete ISO week: round numbers, records, shares of Pythons."""

from collections.abc import Iterable, Iterator
from datetime import date, timedelta

from packages.events import candidates, judge
from packages.events.candidates import Window
from packages.events.found import Found, PackageId
from packages.events.judge import FEWEST_WEEKS
from packages.events.ledger import WEEK, Ledger, week_name, week_to
from packages.events.of_day import judged_before
from packages.events.shares import may_pass, passings
from packages.events.subjects import Subject, all_packages, subjects
from packages.events.texts import Facts
from packages.events.thresholds import (
    RECORD_STEP,
    RECORD_WEEKS,
    SHARE_FLOOR,
    SHARE_WEEKS,
)
from packages.models import Event

Kind = Event.Kind


def judged_kinds(sunday: date, ledger: Ledger) -> list[Event.Kind]:
    """The kinds of that week's events that what is kept suffices to judge again."""
    before = len(ledger.weeks_before(sunday))
    can_tell = {
        Kind.MILESTONE: before >= FEWEST_WEEKS,
        Kind.RECORD: before >= RECORD_WEEKS,
        Kind.PYTHON_SHARE: _are_on_record(_weeks_of_shares(sunday)[:-1], ledger),
    }
    return [kind for kind, known in can_tell.items() if known]


def milestones(window: Window, sunday: date, ledger: Ledger) -> Iterator[Found]:
    """Packages whose week passes a round number that no week on record had."""
    if len(ledger.weeks_before(sunday)) < FEWEST_WEEKS:
        return
    told = _passed_before(sunday)
    ids = [
        package
        for package, downloads in candidates.milestones(window, sunday)
        if (judge.highest_step(downloads) or 0) > told.get(package, 0)
    ]
    ids = _counted(ids, sunday, ledger) + judged_before(sunday, Kind.MILESTONE)
    for subject, own in _known(_everyone(ids), sunday, ledger):
        facts = judge.milestone(subject.people, sunday, own)
        if facts and facts["passed"] > told.get(subject.package_id, 0):
            key = f"{Kind.MILESTONE}:week:{facts['passed']}:up"
            yield Found(subject.package_id, Kind.MILESTONE, key, sunday, facts)


def _passed_before(sunday: date) -> dict[PackageId, int]:
    """The highest round number that each package was told to have passed before."""
    events = Event.objects.standing().filter(kind=Kind.MILESTONE, day__lt=sunday)
    rows = events.values_list("package_id", "facts__passed")
    return _highest(rows)


def records(window: Window, sunday: date, ledger: Ledger) -> Iterator[Found]:
    """Packages whose week, or whose best day of it, is the highest on record."""
    if len(ledger.weeks_before(sunday)) < RECORD_WEEKS:
        return
    told = _records_before(sunday)
    ids = [
        package
        for package, downloads, by_day in candidates.records(window, sunday)
        if by_day or downloads >= RECORD_STEP * told.get(package, 0)
    ]
    ids = _counted(ids, sunday, ledger) + judged_before(sunday, Kind.RECORD)
    for subject, own in _known(_everyone(ids), sunday, ledger):
        package = subject.package_id
        highest = told.get(package, 0)
        facts = judge.record(subject.people, sunday, own, highest)
        if facts:
            key = f"{Kind.RECORD}:{facts['week']}"
            yield Found(package, Kind.RECORD, key, sunday, facts)


def _records_before(sunday: date) -> dict[PackageId, int]:
    """The highest record week that each package was told to have had before."""
    events = Event.objects.standing().filter(kind=Kind.RECORD, day__lt=sunday)
    rows = events.filter(facts__per="week").values_list(
        "package_id", "facts__downloads"
    )
    return _highest(rows)


def _highest(rows: Iterable[tuple[PackageId, int]]) -> dict[PackageId, int]:
    highest: dict[PackageId, int] = {}
    for package, number in rows:
        highest[package] = max(number, highest.get(package, 0))
    return highest


def python_shares(window: Window, sunday: date, ledger: Ledger) -> Iterator[Found]:
    """Python versions that pass or fall below a share of a package's downloads."""
    weeks = _weeks_of_shares(sunday)
    if not _are_on_record(weeks, ledger):
        return
    ids = _counted(candidates.large(window, sunday), sunday, ledger)
    ids += judged_before(sunday, Kind.PYTHON_SHARE)
    moving = _moving(ids, weeks[-2:], window)
    everyone = _everyone(moving, last_days=_days_since(weeks[0], window))
    for subject, own in _known(everyone, sunday, ledger):
        for facts in _passings(subject, weeks) if _are_on_record(weeks, own) else ():
            facts["week"] = week_name(sunday)
            parts = (facts["python"], facts["percent"], facts["direction"])
            key = ":".join(map(str, (Kind.PYTHON_SHARE, *parts, facts["week"])))
            yield Found(subject.package_id, Kind.PYTHON_SHARE, key, sunday, facts)


def _passings(subject: Subject, weeks: list[date]) -> Iterator[Facts]:
    by_week = subject.by_python(weeks)
    if all(week.total() >= SHARE_FLOOR for week in by_week[-2:]):
        yield from passings(by_week)


def _moving(ids: list[int], weeks: list[date], window: Window) -> list[int]:
    """Those of the packages that the last two weeks do not rule out: few."""
    span = _days_since(weeks[0], window)
    return [
        package
        for subject in subjects(ids, last_days=span)
        if (package := subject.package_id) and may_pass(*subject.by_python(weeks))
    ]


def _days_since(sunday: date, window: Window) -> int:
    """Days from the beginning of the week that ends with ``sunday``."""
    return (window.last - sunday).days + WEEK


def _weeks_of_shares(sunday: date) -> list[date]:
    return [sunday - timedelta(weeks=n) for n in reversed(range(SHARE_WEEKS))]


def _are_on_record(weeks: list[date], ledger: Ledger) -> bool:
    return all(week in ledger.sundays for week in weeks)


def _everyone(ids: list[int], last_days: int | None = None) -> Iterator[Subject]:
    yield all_packages(last_days=last_days)
    yield from subjects(ids, last_days=last_days)


def _counted(ids: list[int], sunday: date, ledger: Ledger) -> list[int]:
    return list(filter(ledger.counting.counted_on(week_to(sunday)), ids))


def _known(
    everyone: Iterable[Subject], sunday: date, ledger: Ledger
) -> Iterator[tuple[Subject, Ledger]]:
    """Those that were counted all week, each with the days that it is known on."""
    for subject in everyone:
        own = ledger.known(subject.name, sunday)
        if sunday in own.sundays:
            yield subject, own
