"""How long events and movers take beside storing a day, on PostgreSQL.

``python -m tests.postgres python -m benchmarks.detection`` on a server of its own, or
with DATABASE_URL set on one that may be filled. The largest packages are loaded day by
day up to a Sunday: events are looked for in them, and the rest of PyPI is only scanned.
Unusual days need four weeks, shares of Pythons six, records nine.
"""

import argparse
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "pypistats_site.settings")
django.setup()

from django.core.management import call_command  # noqa: E402
from django.db import connection  # noqa: E402
from tqdm import tqdm  # noqa: E402

from benchmarks.days import Maker  # noqa: E402
from benchmarks.serving import days_to, say  # noqa: E402
from packages import snapshot, store  # noqa: E402
from packages.events.detect import detect_pending  # noqa: E402
from packages.models import Event  # noqa: E402
from packages.movers import movers  # noqa: E402

SUNDAY, WEEK = 7, timedelta(days=7)


def main(arguments: list[str]) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--packages", type=int, default=100_000)
    parser.add_argument("--days", type=int, default=15)
    chosen = parser.parse_args(arguments)
    call_command("migrate", verbosity=0)
    today = store.today()
    monday = today - timedelta(days=today.isoweekday() - 1)
    stored: dict[date, float] = {}
    detected: dict[date, float] = {}
    with tempfile.TemporaryDirectory() as folder:
        maker = Maker(chosen.packages, Path(folder))
        for day in tqdm(days_to(monday, chosen.days), unit="day"):
            stored[day] = _store(maker, day)
            detected[day] = _timed(detect_pending)
            _vacuum()
    _say(stored, detected)


def _store(maker: Maker, day: date) -> float:
    made = maker.make(day)
    seconds = _timed(lambda: store.replace_day(made.packed, "bench"))
    made.cells.unlink()
    made.packed.path.unlink()
    return seconds


def _say(stored: dict[date, float], detected: dict[date, float]) -> None:
    *rest, last = detected
    ordinary = [detected[day] for day in rest if day.isoweekday() != SUNDAY][-6:]
    monday = last - WEEK + timedelta(days=1)
    seconds = _timed(lambda: movers(monday, snapshot.current()))
    say("a day, spool to committed: median", _s(statistics.median(stored.values())))
    say("events of an ordinary day: median", _s(statistics.median(ordinary)))
    say("events of a week's end", _s(detected[last]))
    say("events of each day", " ".join(f"{n:.1f}" for n in detected.values()))
    say("movers of the last week", _s(seconds))
    for kind in Event.Kind:
        say(f"events: {kind}", f"{Event.objects.filter(kind=kind).count():,}")


def _vacuum() -> None:
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE packages_downloadrecord")
        cursor.execute("VACUUM ANALYZE packages_standing")


def _timed(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def _s(seconds: float) -> str:
    return f"{seconds:.2f} s"


if __name__ == "__main__":
    main(sys.argv[1:])
