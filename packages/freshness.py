"""How long an answer holds, and the validators that say whether it still does.

An answer of the public depends on the generation of the data, on the code and settings
that shape it, and on the address. All are known before anything is read.
"""

import hashlib
import time
from datetime import UTC, datetime, timedelta
from datetime import time as time_of_day

from django.conf import settings
from django.utils.http import http_date

from packages import shape
from packages.snapshot import Snapshot

LOAD_MARGIN = timedelta(minutes=5)
"""A day's count takes its time once it has begun."""

DAY = timedelta(days=1)
SHORTEST, LONGEST_WHILE_LATE = 60, 3600
BRIEF = "public, max-age=10"
"""For answers that change within a generation: a recomputation that is under way."""

WHILE_REVALIDATED, WHILE_BROKEN = 300, 5 * 86_400


def seal(state: Snapshot) -> str:
    """What every answer of this process depends on, besides the address."""
    return state.remembered("seal", lambda: _seal(state))


def last_modified(state: Snapshot) -> str | None:
    """When an answer may have changed last.

    None while that second is not over: a generation that begins in the rest of it
    would have the same date.
    """
    changed = max(int(state.changed_at.timestamp()), shape.shaped_at())
    if time.time() < changed + 1:
        return None
    return state.remembered("last modified", lambda: http_date(changed))


def cache_control(state: Snapshot) -> str:
    return (
        f"public, max-age={max_age(state)}"
        f", stale-while-revalidate={WHILE_REVALIDATED}, stale-if-error={WHILE_BROKEN}"
    )


def max_age(state: Snapshot) -> int:
    """Seconds until the next day is expected; while one is late, sooner."""
    now = time.time()
    if state.next_load <= now:
        state.next_load = _next_load(state, now)
    return max(SHORTEST, int(state.next_load - now))


def _seal(state: Snapshot) -> str:
    parts = repr((shape.shape(), state.generation, state.changed_at.isoformat()))
    return hashlib.sha256(parts.encode()).hexdigest()  # short: it is in every tag


def _next_load(state: Snapshot, now: float) -> float:
    """The instant at which to look for other figures than those of ``state``."""
    if state.window is None or not state.window.complete:
        return now + SHORTEST
    run = _last_run(datetime.fromtimestamp(now, UTC))
    owed = (run.date() - state.window.last).days - 1
    if owed <= 0:
        return (run + DAY + LOAD_MARGIN).timestamp()
    late = now - (run - (owed - 1) * DAY + LOAD_MARGIN).timestamp()
    return now + min(LONGEST_WHILE_LATE, max(SHORTEST, late / 10))


def _last_run(now: datetime) -> datetime:
    """The last daily run that should be over by now; it counts the day before."""
    daily = time_of_day.fromisoformat(f"{settings.INGEST_TIME_UTC:0>5}")
    run = datetime.combine(now.date(), daily, tzinfo=UTC)
    while run + LOAD_MARGIN > now:
        run -= DAY
    return run
