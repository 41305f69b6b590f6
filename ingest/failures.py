"""Days that runs keep failing at: since when, why, when they are tried again."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import groupby

from django.conf import settings

from ingest.exceptions import Reason
from ingest.models import IngestRun
from packages import store
from packages.models import CountedDay, Incident
from packages.snapshot import first_kept_day

LONGEST_WAIT = 16
"""Days between two tries of a day that keeps failing, at most."""

MOST_TRIES = 3
"""Runs of one day within a day that may be cut off before the day waits."""

LACKING = (Reason.EMPTY, Reason.IMPLAUSIBLE)
LONGEST_OPEN_INCIDENT = 14
"""Days that an incident without a last day may account for."""

LOST = (
    " If the day is lost for good, record an incident of that day in the admin: it is"
    " not reported any more then."
)
ADVICE = {
    Reason.SOURCE: (
        "See the error in the admin's ingest runs, and check INGEST_SOURCE and what it"
        " needs."
    ),
    Reason.EMPTY: (
        "Once the source has the day: manage.py ingest --date {day} counts it at once."
        + LOST
    ),
    Reason.IMPLAUSIBLE: (
        "If so little was downloaded, manage.py ingest --date {day} --force counts it."
        + LOST
    ),
    Reason.CUT_OFF: (
        "Look for what ended the process (memory, a restart); the next run makes up"
        " for it."
    ),
    Reason.OTHER: "See the error in the admin's ingest runs.",
}


@dataclass(frozen=True, slots=True)
class FailingDay:
    """A day without numbers whose last runs failed."""

    day: date
    since: datetime
    tries: int
    """Dates on which it was tried in vain since it last succeeded."""
    next_try: date
    reason: Reason
    error: str
    """For operators only: it may name paths and hosts."""

    @property
    def is_odd(self) -> bool:
        """Whether more is wrong than that the source does not have the day."""
        return self.reason is not Reason.EMPTY

    def advice(self) -> str:
        return ADVICE[self.reason].format(day=self.day)

    def report(self) -> str:
        """Tell the operator everything."""
        tries = f"{self.tries} days" if self.tries > 1 else "one day"
        return (
            f"{self.day} is not counted. {self.error} Tried on {tries} since"
            f" {self.since:%Y-%m-%d}, next on {self.next_try}. {self.advice()}"
        )


def failing_days() -> list[FailingDay]:
    """Return the kept days that are over, not counted, and failed last; newest first.

    Read from the account of runs: there is no other state that could disagree with it.
    """
    yesterday = store.today() - timedelta(days=1)
    complete = CountedDay.objects.complete().values("day")
    runs = (
        IngestRun.objects.filter(day__range=(first_kept_day(yesterday), yesterday))
        .exclude(state=IngestRun.State.RUNNING)
        .exclude(day__in=complete)
        .order_by("-day", "started_at", "id")
    )
    found = [_failing(day, of_day) for day, of_day in groupby(runs, lambda r: r.day)]
    return [failing for failing in found if failing]


def unexplained_days(source: str) -> list[FailingDay]:
    """Return the failing days that no incident accounts for."""
    incidents = list(Incident.objects.concerning(source))
    return [
        failing
        for failing in failing_days()
        if not any(_accounts_for(incident, failing) for incident in incidents)
    ]


def _accounts_for(incident: Incident, failing: FailingDay) -> bool:
    """Say whether the day is lost by that incident, as far as anybody knows.

    One without an end is looked at again after a while, and explains no source that
    cannot be read: else it would hide whatever breaks from then on.
    """
    if failing.day not in incident:
        return False
    if incident.last_day:
        return True
    is_new = (failing.day - incident.first_day).days < LONGEST_OPEN_INCIDENT
    return is_new and failing.reason in LACKING


def wait_after(tries: int) -> int:
    """Return how many days a day waits that failed on so many dates: 1, 2, 4, ..."""
    wait: int = 2 ** (tries - 1)
    return min(wait, LONGEST_WAIT)


def _failing(day: date, runs: Iterable[IngestRun]) -> FailingDay | None:
    streak: list[IngestRun] = []
    for run in runs:
        if run.state == IngestRun.State.SUCCEEDED:
            streak = []
        else:
            streak.append(run)
    if not streak:
        return None
    dates = {_date(run) for run in streak}
    last = streak[-1]
    return FailingDay(
        day=day,
        since=streak[0].started_at,
        tries=len(dates),
        next_try=max(dates) + timedelta(days=_wait(day, streak, dates)),
        reason=Reason(last.reason or Reason.OTHER),
        error=last.error,
    )


def _wait(day: date, streak: Sequence[IngestRun], dates: Collection[date]) -> int:
    """The last days are read every day, failing or not; a death may say nothing."""
    last = max(dates)
    cut_off = [_date(run) for run in streak if run.reason == Reason.CUT_OFF]
    if streak[-1].reason == Reason.CUT_OFF and cut_off.count(last) < MOST_TRIES:
        return 0
    trailing = settings.INGEST_TRAILING_DAYS + settings.INGEST_LAG_DAYS
    first_trailing = last + timedelta(days=1 - trailing)
    return 1 if day >= first_trailing else wait_after(len(dates))


def _date(run: IngestRun) -> date:
    return run.started_at.astimezone(UTC).date()
