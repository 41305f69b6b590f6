"""Events that were found, and how they become rows: told once, corrected in place."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import TypeVar

from django.db.models import QuerySet
from django.utils import timezone

from packages.events.texts import Facts
from packages.events.thresholds import LATE_DAYS
from packages.models import Event

BATCH = 500
T = TypeVar("T")

PackageId = int | None
"""None stands for all packages."""


@dataclass(frozen=True, slots=True)
class Found:
    """An event as the numbers of now have it."""

    package_id: PackageId
    kind: Event.Kind
    key: str
    day: date
    facts: Facts


def settle(found: Sequence[Found], judged: QuerySet[Event]) -> int:
    """Make the rows say what was found; return how many changed.

    ``judged`` are the events that were looked at again: those that were not found are
    withdrawn. An event that was told for another day keeps that day.
    """
    now = timezone.now()
    changed = _withdraw(found, judged, now)
    for batch in _batches(found):
        changed += _settle_batch(batch, now)
    return changed


def _withdraw(found: Sequence[Found], judged: QuerySet[Event], now: datetime) -> int:
    keys = {(one.package_id, one.key) for one in found}
    rows = judged.filter(withdrawn_at=None).values_list("id", "package_id", "key")
    gone = [row for row, package, key in rows if (package, key) not in keys]
    for batch in _batches(gone):
        events = Event.objects.filter(id__in=batch)
        events.update(withdrawn_at=now, updated_at=now)
    return len(gone)


def _settle_batch(batch: Sequence[Found], now: datetime) -> int:
    known = _known(batch)
    new, changed = [], []
    for one in batch:
        event = known.get((one.package_id, one.key))
        if event is None:
            new.append(_new(one, now))
        elif _correct(event, one, now):
            changed.append(event)
    Event.objects.bulk_create(new)
    Event.objects.bulk_update(changed, ["day", "facts", "updated_at", "withdrawn_at"])
    return len(new) + len(changed)


def _known(batch: Sequence[Found]) -> dict[tuple[PackageId, str], Event]:
    keys = {one.key for one in batch}
    packages = {one.package_id for one in batch} - {None}
    events = list(Event.objects.filter(package_id__in=packages, key__in=keys))
    if len(packages) < len({one.package_id for one in batch}):
        events += Event.objects.filter(package=None, key__in=keys)
    return {(event.package_id, event.key): event for event in events}


def _new(one: Found, now: datetime) -> Event:
    told_at = _told_at(one, now)
    return Event(
        package_id=one.package_id,
        kind=one.kind,
        key=one.key,
        day=one.day,
        facts=one.facts,
        published_at=told_at,
        updated_at=told_at,
    )


def _told_at(one: Found, now: datetime) -> datetime:
    """Now, unless the day is long past: a history that is filled is no news."""
    end = datetime.combine(one.day + timedelta(days=1), datetime.min.time(), UTC)
    is_late = now - end > timedelta(days=LATE_DAYS)
    return end if is_late and one.kind != Event.Kind.REVISION else now


def _correct(event: Event, one: Found, now: datetime) -> bool:
    """Give ``event`` the facts of now; say whether that changed it."""
    if event.withdrawn_at is None and (
        event.day != one.day or event.facts == one.facts
    ):
        return False
    event.day, event.facts = one.day, one.facts
    event.updated_at, event.withdrawn_at = now, None
    return True


def _batches(items: Sequence[T]) -> Iterator[Sequence[T]]:
    for start in range(0, len(items), BATCH):
        yield items[start : start + BATCH]
