"""What can go wrong while downloads come in."""

from datetime import date


class IngestError(Exception):
    """Base of the errors of ``ingest``; its text is a sentence for the operator."""


class SourceError(IngestError):
    """The source cannot be read, or holds nothing that can be counted."""


class SpoolError(IngestError):
    """A day cannot be held on disk."""


class NotYetError(SourceError):
    """The source works and does not have what was asked for, or not yet."""


class DayNotCoveredError(NotYetError):
    """The source holds nothing of the day, so nothing is known about it."""

    def __init__(self, day: date) -> None:
        super().__init__(f"The source holds nothing of {day}; the day stays as it was.")


class ImplausibleDayError(IngestError):
    """The day is so small that it is not believed."""


class AnotherIngestError(IngestError):
    def __init__(self) -> None:
        super().__init__(
            "Another ingest is running; nothing was changed. Try again when it is over."
        )
