"""How the service says no: JSON under /api/ and /badge/, pages elsewhere."""

import logging
import sys
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.core.exceptions import (
    DisallowedHost,
    RequestDataTooBig,
    TooManyFieldsSent,
)
from django.db import DatabaseError, InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.csrf import csrf_exempt
from rest_framework.exceptions import ParseError
from rest_framework.response import Response
from rest_framework.views import exception_handler

from api.exceptions import DatabaseUnreachable
from api.renderers import CompactJSONRenderer, dumps
from api.security import secured
from packages.exceptions import (
    AskedListError,
    DownloadsError,
    NotByVersionError,
    UnknownPackageError,
)

JSON_PREFIXES = ("/api/", "/badge/")
REFUSED_BY_DJANGO: dict[type[Exception], str] = {
    DisallowedHost: "The header Host names another site than this one.",
    RequestDataTooBig: "The body is too large.",
    TooManyFieldsSent: (
        f"There are more than {settings.DATA_UPLOAD_MAX_NUMBER_FIELDS:,} parameters."
    ),
}

logger = logging.getLogger(__name__)


def speaks_json(path: str) -> bool:
    """Say whether errors at ``path`` are JSON; ``/api`` belongs to ``/api/``."""
    return f"{path}/".startswith(JSON_PREFIXES)


def json_error(error: Exception, context: dict[str, Any]) -> Response | None:
    """Answer an exception raised in a viewset as ``{"error": {status, detail}}``."""
    if isinstance(error, (UnknownPackageError, NotByVersionError)):
        error = Http404(str(error))
    if isinstance(error, AskedListError):
        error = ParseError(str(error))
    if _is_of_the_database(error):
        logger.error("The database does not answer: %s", error)
        error = DatabaseUnreachable()
    if "request" in context:  # an error is JSON, whatever the answer would have been
        context["request"].accepted_renderer = CompactJSONRenderer()
        context["request"].accepted_media_type = CompactJSONRenderer.media_type
    response = exception_handler(error, context)
    if response is not None:
        detail = response.data.get("detail", "Bad request.")
        response.data = _body(response.status_code, str(detail))
    return response


def _is_of_the_database(error: BaseException | None) -> bool:
    """Say whether the database, not a statement of ours, is what failed.

    A file that is no SQLite database is a plain ``DatabaseError``, none of its kinds.
    """
    away = isinstance(error, (InterfaceError, OperationalError))
    return away or type(error) is DatabaseError


def refusal(error: Exception, request: HttpRequest) -> HttpResponse:
    """Answer an exception raised before any view as a viewset would."""
    response = json_error(error, {})
    if response is None:
        raise error
    body = dumps(response.data)
    headers = dict(response.items()) | {
        "Content-Type": "application/json",
        "Content-Length": str(len(body)),
    }
    refused = HttpResponse(body, status=response.status_code, headers=headers)
    return secured(request, refused)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer what any layer refused, be it in front of the one that secures."""
    unsaid = "The request could not be understood."
    detail = REFUSED_BY_DJANGO.get(type(exception), unsaid)
    if isinstance(exception, DownloadsError):
        detail = str(exception)
    return secured(request, _answer(request, 400, detail))


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _answer(request, 404, "There is nothing at this address.")


def server_error(request: HttpRequest) -> HttpResponse:
    """Do the same for what failed, and say when to come back if nothing of ours did."""
    if _is_of_the_database(sys.exception()):
        away = DatabaseUnreachable()
        answer = _answer(request, away.status_code, str(away.detail))
        answer.headers["Retry-After"] = str(away.wait)
    else:
        answer = _answer(request, 500, "Something broke here; it has been logged.")
    answer.headers["Cache-Control"] = "no-store"
    return secured(request, answer)


def only_read(
    view: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Answer other methods than GET and HEAD of a plain view as viewsets do."""

    @csrf_exempt  # else they would be told of a token, in HTML
    @wraps(view)
    def answer(request: HttpRequest) -> HttpResponse:
        if request.method in {"GET", "HEAD"}:
            return view(request)
        if request.method == "OPTIONS":
            response = nothing()
        else:
            detail = f'Method "{request.method}" not allowed.'
            response = _answer(request, 405, detail)
        response["Allow"] = "GET, HEAD, OPTIONS"
        return response

    return answer


def nothing() -> HttpResponse:
    """Answer without a body, and so without a type of it."""
    response = HttpResponse(status=204)
    del response.headers["Content-Type"]
    return response


def _answer(request: HttpRequest, status_code: int, detail: str) -> HttpResponse:
    if speaks_json(request.path):
        body = dumps(_body(status_code, detail))
        return HttpResponse(body, status=status_code, content_type="application/json")
    context = {"status": status_code, "message": detail}
    if status_code >= 500:
        # No context processors: what broke may be what they read.
        return render(None, "500.html", context, status=status_code)
    return render(request, "error.html", context, status=status_code)


def _body(status_code: int, detail: str) -> dict[str, object]:
    return {"error": {"status": status_code, "detail": detail}}
