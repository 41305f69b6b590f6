"""Whether the service can answer, for load balancers and supervisors."""

import logging
from typing import Any

from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_safe

from ingest.failures import FailingDay
from ingest.health import DataHealth, DataState, data_health
from ingest.models import WorkerHeartbeat
from packages import snapshot

MOST_DAYS = 10

logger = logging.getLogger(__name__)


@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """200 while the database answers, else 503; the rest is for whoever looks.

    Late or failing data is no reason to take a server out of service or restart it.
    """
    try:
        window = snapshot.current().window
        seen_at = WorkerHeartbeat.last_seen()
        health = data_health()
    except DatabaseError:
        logger.exception("The database does not answer")
        return JsonResponse({"status": "database unreachable"}, status=503)
    return JsonResponse(
        {
            "status": health.state,
            "last_counted_day": window.last if window else None,
            "worker_seen_at": seen_at,
            **_trouble(health),
        }
    )


def _trouble(health: DataHealth) -> dict[str, Any]:
    if health.state is DataState.OK:
        return {}
    return {
        "overdue_day": health.overdue,
        "failing_days": [_failing(day) for day in health.failing[:MOST_DAYS]],
        "what_to_do": health.advice(),
    }


def _failing(failing: FailingDay) -> dict[str, Any]:
    """Without the error's text, which is for those who may log in."""
    return {
        "day": failing.day,
        "since": failing.since,
        "tries": failing.tries,
        "next_try": failing.next_try,
        "reason": failing.reason.label,
    }
