"""What a feed's reader can ask wrongly; each text is a sentence for them."""

from collections.abc import Iterable

from django.core.exceptions import BadRequest

from packages.exceptions import DownloadsError


class FeedQueryError(DownloadsError, BadRequest):
    """The query string asks for something that is not there."""


class AskedValueError(FeedQueryError):
    def __init__(self, parameter: str, asked: str, allowed: Iterable[str]) -> None:
        shown = asked if len(asked) <= 40 else f"{asked[:40]}..."
        names = ", ".join(allowed)
        super().__init__(f"{parameter} is {shown!r}; allowed are: {names}.")


class BusyError(DownloadsError):
    """Too many pictures are being drawn at once."""

    def __init__(self) -> None:
        super().__init__("Too many charts are being drawn just now; try again soon.")


class ManyChartsError(DownloadsError):
    """One client had too many pictures drawn."""

    def __init__(self, limit: int, seconds: int) -> None:
        self.seconds = seconds
        super().__init__(
            f"At most {limit} charts a minute are drawn for one client; come back in"
            f" {seconds} seconds."
        )


class PackageGoneError(DownloadsError):
    """The package was removed; those who follow it had better stop."""

    def __init__(self, package: str) -> None:
        super().__init__(
            f"The package {package} was removed here: this feed is gone for good."
        )
