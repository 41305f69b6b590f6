"""Which days the daily task counts, and which one it owes."""

from datetime import UTC, date, datetime, time, timedelta

from django.conf import settings
from django.db.models import Min

from ingest.failures import failing_days
from packages import store
from packages.models import CountedDay
from packages.snapshot import first_kept_day


def days_to_count(source: str) -> list[date]:
    """Days that may settle yet, then holes within the budget; both newest first.

    A hole is a kept day without numbers, after the first day that the ledger knows:
    days before that are history that nobody has asked for. Days that failed wait.
    """
    today = store.today()
    yesterday = today - timedelta(days=1)
    ledger = CountedDay.objects.comparable_with(source)
    complete = set(ledger.complete().values_list("day", flat=True))
    known = ledger.aggregate(first=Min("day"))["first"] or yesterday
    span = (yesterday - max(known, first_kept_day(yesterday))).days + 1
    days = [yesterday - timedelta(days=offset) for offset in range(max(span, 1))]
    settled = yesterday - timedelta(days=settings.INGEST_TRAILING_DAYS)
    waiting = {failing.day for failing in failing_days() if failing.next_try > today}
    holes = [day for day in days if day <= settled and day not in complete | waiting]
    trailing = [day for day in days if day > settled]
    return trailing + holes[: settings.INGEST_HOLES_PER_RUN]


def overdue_day() -> date | None:
    """Return the day that the daily task should have counted by now, and has not.

    A ledger without any day owes none: nobody knows whether the source has one.
    """
    now = datetime.now(UTC)
    due = time.fromisoformat(f"{settings.INGEST_TIME_UTC:0>5}")
    day = now.date() - timedelta(days=1 if now.time() >= due else 2)
    ledger = CountedDay.objects.comparable_with(settings.INGEST_SOURCE)
    if not ledger.counted().exists() or ledger.complete().filter(day=day).exists():
        return None
    return day
