"""What can go wrong while downloads come in."""

from datetime import date
from typing import ClassVar

from django.db.models import TextChoices


class Reason(TextChoices):
    """Why a run failed, in words that may be public: no paths, no hosts."""

    SOURCE = "source", "The source could not be read."
    EMPTY = "empty", "The source has nothing of the day."
    IMPLAUSIBLE = "implausible", "The source has far too little of the day."
    CUT_OFF = "cut-off", "The run was cut off."
    OTHER = "other", "The day could not be stored."


class IngestError(Exception):
    """Base of the errors of ``ingest``; its text is a sentence for the operator.

    ``reason`` is what everybody may read of it.
    """

    reason: ClassVar[Reason] = Reason.OTHER


class SourceError(IngestError):
    """The source cannot be read, or holds nothing that can be counted."""

    reason = Reason.SOURCE


class SpoolError(IngestError):
    """A day cannot be held on disk."""


class NotYetError(SourceError):
    """The source works and does not have what was asked for, or not yet."""

    reason = Reason.EMPTY


class DayNotCoveredError(NotYetError):
    """The source holds nothing of the day, so nothing is known about it."""

    def __init__(self, day: date) -> None:
        super().__init__(f"The source holds nothing of {day}; the day stays as it was.")


class ImplausibleDayError(IngestError):
    """The day is so small that it is not believed."""

    reason = Reason.IMPLAUSIBLE


class NarrowerDayError(IngestError):
    """The day has the numbers of all packages, and only some would be counted."""

    def __init__(self, day: date) -> None:
        super().__init__(
            f"{day} was counted for all packages and INGEST_PACKAGES is 'tracked' now;"
            " the day stays as it was (--force counts the tracked packages alone)."
        )


class AnotherIngestError(IngestError):
    def __init__(self) -> None:
        super().__init__(
            "Another ingest is running; nothing was changed. Try again when it is over."
        )
