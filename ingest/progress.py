"""How far an ingest is, on a terminal; nothing elsewhere."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from tqdm import tqdm
from tqdm.contrib.logging import logging_redirect_tqdm

from packages.models import CountedDay


class Progress:
    """A bar of days, with their rate, the time left and what is being done."""

    def __init__(self, bar: "tqdm[Any]") -> None:
        self._bar = bar
        self._downloads = 0

    def on_phase(self, name: str) -> None:
        elapsed = self._bar.format_dict["elapsed"]
        rate = self._downloads / elapsed if elapsed else 0
        size = f", {self._bar.format_sizeof(rate)} downloads/s" if rate else ""
        self._bar.set_postfix_str(f"{name}{size}")

    def on_day(self, counted: CountedDay) -> None:
        self._downloads += counted.downloads
        self._bar.update()


@contextmanager
def progress(days: int | None) -> Iterator[Progress]:
    """Draw a bar of so many days (None: not known)."""
    with tqdm(total=days, unit="day", disable=None) as bar:
        if bar.disable:
            yield Progress(bar)
            return
        with logging_redirect_tqdm():
            yield Progress(bar)
