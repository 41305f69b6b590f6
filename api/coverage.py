"""The day ledger as JSON: what is counted, what is missing, what is wrong."""

from datetime import timedelta
from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response

from api.public_view import PublicView
from api.serializers import choice, days_asked
from packages import coverage, snapshot
from packages.coverage import Coverage, Days
from packages.models import CountedDay, Incident
from packages.packed_day import DEFINITION_CHANGED
from packages.snapshot import Snapshot, newest_day


class CoverageView(PublicView):
    """Every kept day, oldest first; one without a row in the ledger is missing."""

    def depends_on(self) -> str:
        """Days become missing with time, whether or not anything is counted."""
        return newest_day().isoformat()

    def get(self, request: Request) -> Response:
        first, last = days_asked(request)
        wanted = choice(request, "status", CountedDay.Status.values)
        state = snapshot.current()
        days = [
            _day(row, state)
            for row in coverage.ledger(state, newest_day())
            if first <= row.day <= last and wanted in {None, row.status}
        ]
        return Response(_about(state) | {"days": days})


def _about(state: Snapshot) -> dict[str, Any]:
    window = state.window
    return {
        "data_through": window.last if window else None,
        "window": {"first": window.first, "last": window.last} if window else None,
        "windows": windows(state),
        "definitions": _definitions(),
        "incidents": [_incident(incident) for incident in Incident.objects.all()],
    }


def windows(state: Snapshot, counted: Days | None = None) -> dict[str, Any]:
    """What the sums of the last day, week and month are made of."""
    found = coverage.windows(state, counted)
    return {name: _window(covered) for name, covered in found.items()}


def _window(covered: Coverage) -> dict[str, object]:
    return {
        "days": covered.days,
        "counted": covered.counted,
        "incidents": covered.incidents,
        "missing": covered.missing,
    }


def _definitions() -> list[dict[str, object]]:
    before, after = CountedDay.Definition.ALL_FILES, CountedDay.Definition.ARTIFACTS
    last = DEFINITION_CHANGED - timedelta(days=1)
    return [
        {"name": before, "counts": before.label, "first": None, "last": last},
        {
            "name": after,
            "counts": after.label,
            "first": DEFINITION_CHANGED,
            "last": None,
        },
    ]


def _incident(incident: Incident) -> dict[str, object]:
    return {
        "title": incident.title,
        "first": incident.first_day,
        "last": incident.last_day,
        "effect": incident.effect,
        "evidence": incident.evidence or None,
        "whose": incident.whose,
    }


def _day(row: CountedDay, state: Snapshot) -> dict[str, object]:
    counted = row.counted_at is not None
    return {
        "day": row.day,
        "status": row.status,
        "source": row.source or None,
        "definition": row.definition if counted else None,
        "downloads": row.downloads if counted else None,
        "packages": row.packages if counted else None,
        "all_packages": row.day not in state.days_for_some if counted else None,
        "first_counted_at": row.first_counted_at,
        "counted_at": row.counted_at,
        "checks": row.checks,
        "revisions": [_revision(revision) for revision in row.revisions],
    }


def _revision(revision: dict[str, Any]) -> dict[str, object]:
    names = ("downloads", "packages", "checks")
    before, after = zip(*(revision[name] for name in names), strict=True)
    return {
        "at": revision["at"],
        "source": revision["source"],
        "before": dict(zip(names, before, strict=True)),
        "after": dict(zip(names, after, strict=True)),
    }
