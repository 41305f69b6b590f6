"""The day ledger as a page."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from ingest.health import data_health
from ingest.models import IngestRun
from packages import coverage, snapshot, stats
from packages.charts import definition_changes
from packages.list_choice import asked_list, list_names
from packages.models import CountedDay, Incident
from packages.models.downloads import month_of
from packages.names import ALL_PACKAGES
from packages.packed_day import DEFINITION_CHANGED
from packages.public_answers import public_and
from packages.snapshot import newest_day

BEFORE = "before"
"""The class of days before the first one counted: missing, though no loss."""

LOOKS = {
    CountedDay.Status.COMPLETE: "complete",
    CountedDay.Status.PARTIAL: "counted before it was over",
    CountedDay.Status.MISSING: "missing",
    CountedDay.Status.INCIDENT: "counted, within an incident",
    BEFORE: "before the first counted day",
}

NOTABLE_CHECKS = {CountedDay.Check.LARGE, CountedDay.Check.FORCED}


@dataclass(frozen=True, slots=True)
class Cell:
    """A day of the calendar."""

    row: CountedDay
    look: str
    downloads: int | None
    """All of them, or people's by the list that is asked for; None: not known."""

    @property
    def words(self) -> str:
        return LOOKS[self.look]

    def weekday(self) -> int:
        return self.row.day.isoweekday()

    def title(self) -> str:
        text = f"{self.row.day}: {self.words}"
        if self.downloads is None:
            return text
        return f"{text}, {self.downloads:,} downloads"


@dataclass(frozen=True, slots=True)
class Month:
    first: date
    cells: list[Cell]


def _runs_and_health(request: HttpRequest) -> str:
    run = _last_run()
    return f"{run and (run.pk, run.state)}{data_health()}{newest_day()}"


@require_safe
@public_and(_runs_and_health)
def status(request: HttpRequest) -> HttpResponse:
    mirror_list = asked_list(request.GET)
    state = snapshot.current()
    cells = list(_cells(coverage.ledger(state, newest_day()), mirror_list))
    context = {
        "state": state,
        "months": _months(cells),
        "looks": _looks(cells),
        "notable": [cell for cell in reversed(cells) if _is_notable(cell)],
        "mirror_list": mirror_list,
        "list_name": mirror_list,
        "list_names": list_names(state),
        "windows": coverage.windows(state),
        "last_run": _last_run(),
        "health": data_health(),
        "incidents": Incident.objects.all(),
        "definition_changed": DEFINITION_CHANGED,
        "changes": definition_changes(state),
    }
    return render(request, "status.html", context)


def _last_run() -> IngestRun | None:
    return IngestRun.objects.exclude(state=IngestRun.State.RUNNING).first()


def _cells(rows: list[CountedDay], mirror_list: str | None) -> Iterator[Cell]:
    begun = False
    downloads = _downloads(rows, mirror_list)
    for row in rows:
        begun = begun or not row._state.adding
        look = row.status if begun else BEFORE
        yield Cell(row, look, downloads.get(row.day))


def _downloads(rows: list[CountedDay], mirror_list: str | None) -> dict[date, int]:
    """The downloads of each day that has numbers: people's, if a list is named."""
    if mirror_list is None:
        return {row.day: row.downloads for row in rows if row.counted_at}
    history = stats.history(ALL_PACKAGES, mirror_list)
    return dict.fromkeys(history.counted, 0) | history.people


def _months(cells: list[Cell]) -> list[Month]:
    """The calendar's months, the newest first."""
    months = groupby(cells, lambda cell: month_of(cell.row.day))
    return [Month(first, list(of_month)) for first, of_month in months][::-1]


def _looks(cells: list[Cell]) -> list[tuple[str, str, int]]:
    """The legend: look, words, and how many days there are of it."""
    numbers = Counter(cell.look for cell in cells)
    return [
        (look, words, numbers[look]) for look, words in LOOKS.items() if numbers[look]
    ]


def _is_notable(cell: Cell) -> bool:
    """Say whether there is more to tell of a day than that it is complete."""
    if cell.look != CountedDay.Status.COMPLETE:
        return cell.look != BEFORE
    return bool(cell.row.revisions) or not NOTABLE_CHECKS.isdisjoint(cell.row.checks)
