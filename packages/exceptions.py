"""What can go wrong when downloads are stored or read."""

from datetime import date

from django.core.exceptions import BadRequest


class DownloadsError(Exception):
    """Base of the errors of ``packages``; its text is a sentence for the user."""


class UnknownPackageError(DownloadsError):
    """Nobody ever downloaded or tracked a package of that name here."""

    def __init__(self, name: str) -> None:
        shown = name if len(name) <= 80 else f"{name[:80]}..."
        super().__init__(f"No package named {shown!r} is known here.")


class NotByVersionError(DownloadsError):
    """Nothing is known of the versions and files that were downloaded."""

    def __init__(self, name: str) -> None:
        super().__init__(
            f"Downloads of {name} are not counted by version here: the service's"
            " INGEST_COUNT_BY decides what is told apart."
        )


class UnknownMirrorListError(DownloadsError):
    def __init__(self, name: str) -> None:
        super().__init__(f"There is no mirror list named {name!r}.")


class AskedListError(DownloadsError, BadRequest):
    """The query string names a mirror list that is not there."""

    def __init__(self, asked: str, names: list[str]) -> None:
        shown = asked if len(asked) <= 40 else f"{asked[:40]}..."
        super().__init__(f"list is {shown!r}; allowed are: {', '.join(names)}.")


class DayNotKeptError(DownloadsError):
    """The day lies before the kept ones, so its parts could be counted twice."""

    def __init__(self, day: date, first: date) -> None:
        super().__init__(
            f"{day} is not counted: days before {first} are trimmed (RETENTION_DAYS)."
        )


class SampleAmongRealDaysError(DownloadsError):
    def __init__(self) -> None:
        super().__init__("There are real numbers here; the sample stays out of them.")


class FutureDayError(DownloadsError):
    def __init__(self, day: date) -> None:
        super().__init__(f"{day} is not counted: it has not begun in UTC.")


class ManyFollowedError(DownloadsError):
    def __init__(self, most: int) -> None:
        super().__init__(
            f"One user may follow {most:,} packages at most, and these would be more:"
            " none of them was added."
        )
