"""Which days the daily task counts, and which one it owes."""

from collections.abc import Collection
from datetime import UTC, date, datetime, time, timedelta

from django.conf import settings
from django.db.models import Min

from ingest.failures import failing_days
from packages import store
from packages.models import CountedDay
from packages.snapshot import first_kept_day, newest_day


def days_to_count(source: str, tried: Collection[date] = ()) -> list[date]:
    """Days that may settle yet, then holes within the budget; both newest first.

    Days that were ``tried`` already are left out, and have used up their part of it.

    A hole is a kept day without numbers, after the first day that the ledger knows:
    days before that are history that nobody has asked for. Days that failed wait.
    """
    today, newest = store.today(), newest_day()
    ledger = CountedDay.objects.comparable_with(source)
    complete = set(ledger.complete().values_list("day", flat=True))
    known = ledger.aggregate(first=Min("day"))["first"] or newest
    span = (newest - max(known, first_kept_day(newest))).days + 1
    days = [newest - timedelta(days=offset) for offset in range(max(span, 1))]
    # The newest day is counted once, be it that nothing is to be read again or filled.
    unsettled = settings.INGEST_TRAILING_DAYS or int(newest not in complete)
    settled = newest - timedelta(days=unsettled)
    waiting = {failing.day for failing in failing_days() if failing.next_try > today}
    done = complete | waiting | set(tried)
    holes = [day for day in days if day <= settled and day not in done]
    budget = settings.INGEST_HOLES_PER_RUN - sum(day <= settled for day in tried)
    trailing = [day for day in days if day > settled and day not in tried]
    return trailing + holes[: max(budget, 0)]


def last_due() -> datetime:
    """Return when the daily task was due last."""
    now = datetime.now(UTC)
    time_of_day = time.fromisoformat(f"{settings.INGEST_TIME_UTC:0>5}")
    today = datetime.combine(now.date(), time_of_day, UTC)
    return today if today <= now else today - timedelta(days=1)


def overdue_day() -> date | None:
    """Return the day that the daily task should have counted by now, and has not.

    A ledger without any day owes none: nobody knows whether the source has one.
    """
    day = last_due().date() - timedelta(days=1 + settings.INGEST_LAG_DAYS)
    ledger = CountedDay.objects.comparable_with(settings.INGEST_SOURCE)
    if not ledger.counted().exists() or ledger.complete().filter(day=day).exists():
        return None
    return day
