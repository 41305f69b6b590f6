"""A Django view that reads nothing, to compare with."""

import os

os.environ["DJANGO_SETTINGS_MODULE"] = "benchmarks.bare_settings"

from django.core.wsgi import get_wsgi_application
from django.http import HttpRequest, HttpResponse
from django.urls import path

BODY = b'{"data":{"last_day":17,"last_month":25,"last_week":25},"package":"p"}\n'


def bare(request: HttpRequest, size: int = len(BODY)) -> HttpResponse:
    body = BODY if size <= len(BODY) else BODY.ljust(size)
    return HttpResponse(body, content_type="application/json")


urlpatterns = [path("bare", bare), path("bare/<int:size>", bare)]
application = get_wsgi_application()
