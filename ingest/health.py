"""Whether the data is as far as it should be, in words for supervisors."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from django.conf import settings

from ingest.failures import FailingDay, unexplained_days
from ingest.holes import overdue_day


class DataState(StrEnum):
    OK = "ok"
    LATE = "late"
    FAILING = "failing"


@dataclass(frozen=True, slots=True)
class DataHealth:
    """What is late or failing, and what to do."""

    overdue: date | None
    failing: Sequence[FailingDay]

    @property
    def state(self) -> DataState:
        if self.failing:
            return DataState.FAILING
        return DataState.LATE if self.overdue else DataState.OK

    def advice(self) -> str:
        """Say what to do about the newest trouble; nothing where there is none."""
        if self.failing:
            return self.failing[0].advice()
        if self.overdue:
            return (
                f"{self.overdue} should have been counted by now: see whether the"
                " worker runs, and in the log what its last run said."
            )
        return ""


def data_health() -> DataHealth:
    return DataHealth(overdue_day(), unexplained_days(settings.INGEST_SOURCE))
