"""What is known is answered before Django's handler begins, which costs more than it.

The handler tells of a request's start and end, finds a view, and wraps each layer of
middleware; none of that changes a 304 or an answer that is kept.
"""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from django.core.exceptions import SuspiciousOperation
from django.core.handlers.wsgi import WSGIRequest
from django.db import Error
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from rest_framework.status import is_server_error

from api.middleware import ClientLimits
from packages.kept_answers import kept_answers
from pypistats_site.answers import SAFE, known
from pypistats_site.cross_origin import CrossOrigin

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment


class NotKnownError(Exception):
    """Only a view can answer."""


class EarlyAnswers:
    """A WSGI application that answers what it can, and leaves the rest to Django's.

    The layers in front of ``PublicAnswers`` are the same as in MIDDLEWARE, but for slow
    clients: what is read here has no body, and what is sent is whole.
    """

    def __init__(self, application: "WSGIApplication") -> None:
        self._application = application
        self._layers = CrossOrigin(ClientLimits(_only_known))

    def __call__(
        self, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        response = self._known(environ)
        if response is None:
            return self._application(environ, start_response)
        status = f"{response.status_code} {response.reason_phrase}"
        start_response(status, list(response.items()))
        return [response.content]  # to close a response would end a request

    def _known(self, environ: "WSGIEnvironment") -> HttpResponse | None:
        if not _may_be_known(environ):
            return None
        try:
            # A copy: a request writes into it, and the handler reads it anew.
            response = self._layers(WSGIRequest(environ.copy()))
        except (NotKnownError, Error, SuspiciousOperation):
            return None
        # Django's handler takes a new connection in place of one that is broken.
        if is_server_error(response.status_code):
            return None
        return response if isinstance(response, HttpResponse) else None


def _only_known(request: HttpRequest) -> HttpResponseBase:
    response = known(request)
    if response is None:
        raise NotKnownError
    return response


def _may_be_known(environ: "WSGIEnvironment") -> bool:
    asked = "HTTP_IF_NONE_MATCH" in environ or kept_answers() is not None
    return asked and environ["REQUEST_METHOD"] in SAFE
