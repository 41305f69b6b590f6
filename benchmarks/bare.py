"""A Django view that reads nothing, to compare with."""

import os

os.environ["DJANGO_SETTINGS_MODULE"] = "benchmarks.bare_settings"

from django.core.wsgi import get_wsgi_application
from django.http import HttpRequest, HttpResponse
from django.urls import path

BODY = b'{"data":{"last_day":17,"last_month":25,"last_week":25},"package":"p"}\n'


def bare(request: HttpRequest) -> HttpResponse:
    return HttpResponse(BODY, content_type="application/json")


urlpatterns = [path("bare", bare)]
application = get_wsgi_application()
