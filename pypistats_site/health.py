"""Whether the service can answer, for load balancers and supervisors."""

import logging

from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_safe

from ingest.models import WorkerHeartbeat
from packages import snapshot

logger = logging.getLogger(__name__)


@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """200 while the database answers, else 503; the rest is for whoever looks."""
    try:
        window = snapshot.current().window
        seen_at = WorkerHeartbeat.last_seen()
    except DatabaseError:
        logger.exception("The database does not answer")
        return JsonResponse({"status": "database unreachable"}, status=503)
    return JsonResponse(
        {
            "status": "ok",
            "last_counted_day": window.last if window else None,
            "worker_seen_at": seen_at,
        }
    )
