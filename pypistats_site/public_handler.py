"""What programs read is answered past what only pages and the admin need.

Django's handler tells of a request's start and end, and has nine layers of middleware
for sessions, forms and files: together they cost more than a small answer does. Here
the public's addresses have layers of their own, and whatever else is known is answered
in front of it.
"""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from django.core.exceptions import SuspiciousOperation
from django.core.handlers.exception import convert_exception_to_response
from django.core.handlers.wsgi import WSGIHandler, WSGIRequest
from django.db import Error, close_old_connections
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import set_script_prefix

from api.middleware import ClientLimits
from api.security import secured
from packages.kept_answers import kept_answers
from pypistats_site.answers import SAFE, GetResponse, PublicAnswers, known
from pypistats_site.cross_origin import OPEN_PREFIXES, CrossOrigin
from pypistats_site.lighter import MissingSlash
from pypistats_site.slow_clients import SlowClients

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment


class SecurityHeaders:
    """Set at once what the layers for pages set one by one."""

    def __init__(self, get_response: GetResponse) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return secured(request, self._get_response(request))


LAYERS = (
    CrossOrigin,
    ClientLimits,
    SlowClients,
    PublicAnswers,
    SecurityHeaders,
    MissingSlash,
)
"""As in MIDDLEWARE, in its order; ``SecurityHeaders`` stands for several of them."""


class PublicHandler(WSGIHandler):
    """Django's handler with ``LAYERS`` alone, in front of the one for everything."""

    def __init__(self, application: "WSGIApplication") -> None:
        super().__init__()
        self._application = application

    def load_middleware(self, is_async: bool = False) -> None:  # noqa: FBT001, FBT002
        """Put ``LAYERS`` around the views; none of them looks at views themselves."""
        self._view_middleware: list[object] = []
        self._template_response_middleware: list[object] = []
        self._exception_middleware: list[object] = []
        run_view = self._get_response  # type: ignore[attr-defined]  # no part of the stubs
        chain: Any = convert_exception_to_response(run_view)
        for layer in reversed(LAYERS):
            chain = convert_exception_to_response(layer(chain))
        self._middleware_chain = chain

    def __call__(  # type: ignore[override]  # the stubs miss that it is WSGI's
        self, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        if environ.get("PATH_INFO", "").startswith(OPEN_PREFIXES):
            response = self._answered(environ)
        else:
            known = _known(environ)
            if known is None:
                return self._application(environ, start_response)
            response = known
        status = f"{response.status_code} {response.reason_phrase}"
        start_response(status, list(response.items()))
        if isinstance(response, HttpResponse):
            return [response.content]  # to close a response would end a request
        return response

    def _answered(self, environ: "WSGIEnvironment") -> HttpResponseBase:
        request = WSGIRequest(environ)
        set_script_prefix(request.META["SCRIPT_NAME"])
        close_old_connections()  # as Django does at the start of a request
        return self.get_response(request)


def _known(environ: "WSGIEnvironment") -> HttpResponse | None:
    """Answer for a page what needs no view: what is kept, or has not changed."""
    asked = "HTTP_IF_NONE_MATCH" in environ or kept_answers() is not None
    if not asked or environ["REQUEST_METHOD"] not in SAFE:
        return None
    try:
        # A copy: a request writes into it, and the handler reads it anew.
        return known(WSGIRequest(environ.copy()))
    except (Error, SuspiciousOperation):
        return None  # Django's handler takes a new connection for one that is broken
