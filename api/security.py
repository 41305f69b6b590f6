"""Security headers of what is refused in front of the middleware that sets them."""

from csp.middleware import CSPMiddleware
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.middleware.clickjacking import XFrameOptionsMiddleware
from django.middleware.security import SecurityMiddleware

SETTERS = (SecurityMiddleware, CSPMiddleware, XFrameOptionsMiddleware)


def secured(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """Set what the settings ask for, as on every other answer."""
    for setter in SETTERS:
        setter(_nobody).process_response(request, response)
    return response


def _nobody(request: HttpRequest) -> HttpResponseBase:
    raise NotImplementedError
