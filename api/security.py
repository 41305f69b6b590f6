"""Security headers, where the middleware that sets them is not on the way."""

from collections.abc import Mapping
from functools import cache
from typing import TypeVar

from csp.middleware import CSPMiddleware
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.middleware.clickjacking import XFrameOptionsMiddleware
from django.middleware.security import SecurityMiddleware

R = TypeVar("R", bound=HttpResponseBase)

SETTERS = (SecurityMiddleware, CSPMiddleware, XFrameOptionsMiddleware)


def secured(request: HttpRequest, response: R) -> R:
    """Set what the settings ask for, as on every other answer."""
    for name, value in _headers(is_secure=request.is_secure()).items():
        response.headers.setdefault(name, value)
    return response


@cache
def _headers(*, is_secure: bool) -> Mapping[str, str]:
    """What the middleware sets on an answer over HTTPS, or over HTTP."""
    request, response = HttpRequest(), HttpResponse()
    del response.headers["Content-Type"]
    request.is_secure = lambda: is_secure  # type: ignore[method-assign]
    for setter in SETTERS:
        setter(_nobody).process_response(request, response)
    return dict(response.headers)


def _nobody(request: HttpRequest) -> HttpResponseBase:
    raise NotImplementedError
