"""Recent downloads, totals and rankings under the default mirror list.

The only writer of standings. A counted day moves the windows of all packages in SQL;
when the default list changes, everything is worked out anew in the background.
"""

import hashlib
import logging
from collections import Counter
from collections.abc import Callable, Iterable, Set
from datetime import date, timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import Max, Min

from packages.cells import read_days, unpack_cells
from packages.mirrors import Rule
from packages.models import (
    Client,
    CountedDay,
    DownloadRecord,
    Event,
    Generation,
    MirrorList,
    Package,
    Standing,
    StandingsState,
)
from packages.models.standings import SLOTS, WINDOW
from packages.turns import take_turns

BATCH = 2000
MOST_ROUNDS = 3
WEEK = 7
WORKING = "working"
"""Stands for the rule while standings are being recomputed."""

logger = logging.getLogger(__name__)


def people_on(day: date) -> tuple[str, Set[int]]:
    """Return the default rule's key and the clients that it takes for people."""
    mirror_list = _default_list()
    return rule_key(mirror_list), _rule(mirror_list).people(day).keys()


def rule_key(mirror_list: MirrorList) -> str:
    """Name what a list counts: two lists of one key count alike."""
    entries = mirror_list.entries.values_list("installer", "valid_from", "valid_until")
    flags = (mirror_list.counts_unnamed, mirror_list.counts_malformed)
    text = repr((flags, sorted(entries, key=repr)))
    return hashlib.sha256(text.encode()).hexdigest()


def is_current() -> bool:
    """Say whether the standings hold for the default list as it is now."""
    return StandingsState.current().rule == rule_key(_default_list())


def percent_done() -> int | None:
    """How far a needed recomputation is, in per cent; None where none is needed."""
    state = StandingsState.current()
    if state.through is None or state.rule == rule_key(_default_list()):
        return None
    working = state.rule == WORKING and state.of > 0
    return min(99, 100 * state.done // state.of) if working else 0


def add_day(day: date, rule: str, *, counted_before: bool) -> None:
    """Move the windows by ``day``, whose people's downloads are in ``counted``.

    Runs inside the day's transaction, after the ledger knows of it. What SQL cannot
    move (an old day that is counted again, a window that moves back) leaves the
    standings out of date.
    """
    state, last = StandingsState.current(), _last_shown()
    if last is None or day > last:
        return
    through = state.through
    if through is None and not _has_other_days(day):
        state.rule, through = rule, day
    age = (last - day).days
    moved_back = through is None or through > last
    replaces_old = age >= WINDOW and counted_before
    ended_partial = through != last and through in left_out_days()
    stale = moved_back or replaces_old or ended_partial
    if stale or rule != rule_key(_default_list()):
        state.rule = ""
    _add_missing()
    passed = _days_after(through, last) if through else []
    replaces = through is not None and day not in passed
    _move(day if age < WINDOW else None, last, passed, replaces=replaces)
    state.through = last
    state.save()


def forget() -> None:
    """Begin anew, as the numbers do, with nothing told of them."""
    Event.objects.all().delete()
    Standing.objects.all().delete()
    StandingsState.objects.all().delete()


def bring_up_to_date() -> None:
    """Recompute what does not hold for the default list as it is now."""
    for _ in range(MOST_ROUNDS):
        if percent_done() is None or recompute():
            return
    logger.warning("The default mirror list keeps changing; rankings are out of date")


def recompute(on_batch: Callable[[int], object] = lambda _: None) -> bool:
    """Work out every standing anew; say whether they hold for the list as it is now.

    Each batch is a transaction of its own, so days are counted meanwhile; one that was
    counted under another rule makes the next call start over.
    """
    mirror_list = _default_list()
    key, ids = rule_key(mirror_list), _package_ids()
    with transaction.atomic():
        take_turns()
        StandingsState.current()
        StandingsState.objects.update(
            rule=WORKING, through=_last_shown(), done=0, of=len(ids)
        )
    for place in range(0, len(ids), BATCH):
        batch = ids[place : place + BATCH]
        _recompute_batch(batch, mirror_list)
        StandingsState.objects.update(done=place + len(batch))
        on_batch(len(batch))
    with transaction.atomic():
        take_turns()
        held = rule_key(_default_list()) == key
        working = StandingsState.objects.filter(rule=WORKING)
        done = held and working.update(rule=key) > 0
        Generation.rise()
    return done


def _package_ids() -> range:
    """The ids among which those of all packages are."""
    ends = Package.objects.aggregate(first=Min("id"), last=Max("id"))
    return range(ends["first"] or 1, (ends["last"] or 0) + 1)


def _recompute_batch(ids: range, mirror_list: MirrorList) -> None:
    with transaction.atomic():
        take_turns()
        # Anew, as a day that was stored meanwhile may have brought new clients.
        rule = _rule(mirror_list)
        last, left_out = _last_shown(), left_out_days()
        records = DownloadRecord.objects.filter(
            package_id__gte=ids.start, package_id__lt=ids.stop
        ).order_by("package_id", "month")
        by_package: dict[int, Counter[date]] = {}
        for record in records:
            sums = by_package.setdefault(record.package_id, Counter())
            sums.update(people_by_day(record, rule, left_out))
        Standing.objects.filter(
            package_id__gte=ids.start, package_id__lt=ids.stop
        ).delete()
        Standing.objects.bulk_create(
            [_standing(p, sums, last) for p, sums in by_package.items() if sums],
            batch_size=500,
        )


def people_by_day(
    record: DownloadRecord, rule: Rule, left_out: Set[date]
) -> dict[date, int]:
    """People's downloads by day; trimmed days are one sum, under the month's first."""
    sums: dict[date, int] = {}
    if record.trimmed:
        people = rule.people(record.month)
        cells = unpack_cells(record.trimmed).items()
        sums[record.month] = sum(n for client, n in cells if client in people)
    for line in read_days(record.days):
        day = record.month.replace(day=line[0])
        people = rule.people(day)
        pairs = zip(line[2::2], line[3::2], strict=True)
        found = sum(n for client, n in pairs if client in people)
        sums[day] = sums.get(day, 0) + found
    return {day: n for day, n in sums.items() if n and day not in left_out}


def _standing(package: int, sums: Counter[date], last: date | None) -> Standing:
    standing = Standing(
        package_id=package,
        last_day=0,
        last_week=0,
        last_month=0,
        total=sums.total(),
        **dict.fromkeys(SLOTS, 0),
    )
    for day, downloads in sums.items():
        age = (last - day).days if last else WINDOW
        if 0 <= age < WINDOW:
            setattr(standing, slot(day), downloads)
            standing.last_month += downloads
            standing.last_week += downloads if age < WEEK else 0
            standing.last_day += downloads if age == 0 else 0
    return standing


def slot(day: date) -> str:
    return SLOTS[day.toordinal() % WINDOW]


def _add_missing() -> None:
    _execute(
        "INSERT INTO packages_standing (package_id)"
        " SELECT counted.package_id FROM counted"
        " LEFT JOIN packages_standing AS known USING (package_id)"
        " WHERE known.package_id IS NULL AND counted.people > 0"
    )


def _move(
    day: date | None, last: date, passed: Iterable[date], *, replaces: bool
) -> None:
    """Make the windows end with ``last``: ``day`` is new, ``passed`` days begin at 0.

    ``day`` is None when it lies before every window: it counts for the total alone.
    """
    slots = {name: f"s.{name}" for name in SLOTS}
    slots |= {slot(other): "0" for other in passed}
    old = slots[slot(day)] if day and replaces else "0"
    if day:
        slots[slot(day)] = "c.people"
    month = " + ".join(slots.values())
    week = " + ".join(slots[slot(last - timedelta(days=n))] for n in range(WEEK))
    changed = [f"{name} = {value}" for name, value in slots.items() if value[0] != "s"]
    sets = [
        *changed,
        f"last_day = {slots[slot(last)]}",
        f"last_week = {week}",
        f"last_month = {month}",
        f"total = s.total + c.people - {old}",
    ]
    _execute(
        f"UPDATE packages_standing AS s SET {', '.join(sets)} FROM ("
        "SELECT standing.package_id, coalesce(counted.people, 0) AS people"
        " FROM packages_standing AS standing LEFT JOIN counted USING (package_id)"
        " WHERE standing.last_month > 0 OR counted.people > 0"
        ") AS c WHERE c.package_id = s.package_id"
    )


def _days_after(first: date, last: date) -> list[date]:
    """The days after ``first`` up to ``last``, at most a window of them."""
    span = min((last - first).days, WINDOW)
    return [last - timedelta(days=n) for n in range(span)]


def _has_other_days(day: date) -> bool:
    return CountedDay.objects.counted().exclude(day=day).exists()


def _last_shown() -> date | None:
    shown = CountedDay.objects.last_shown()
    return shown.day if shown else None


def left_out_days() -> Set[date]:
    """The partial days, which no figure is made of once there is a complete one."""
    if not CountedDay.objects.complete().exists():
        return frozenset()
    return frozenset(CountedDay.objects.partial().values_list("day", flat=True))


def _default_list() -> MirrorList:
    return MirrorList.objects.get(is_default=True)


def _rule(mirror_list: MirrorList) -> Rule:
    return Rule(mirror_list, mirror_list.entries.all(), Client.objects.order_by("id"))


def _execute(sql: str, parameters: Any = None) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
