"""Feeds over HTTP: canonical addresses; the middleware adds what caches need."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe

from feeds.package import PackageRssFeed
from packages.list_choice import asked_list, with_list
from packages.names import normalize_name
from packages.public_answers import public

_package_feed = PackageRssFeed()


@csrf_exempt  # so that a POST is a 405, as it should be
@require_safe
@public
def package_rss(request: HttpRequest, name: str) -> HttpResponse:
    normalized = normalize_name(name)
    if normalized is None:
        raise Http404
    if normalized != name:
        address = reverse("feeds:package-rss", args=[normalized])
        return redirect(with_list(address, asked_list(request.GET)), permanent=True)
    response: HttpResponse = _package_feed(request, name=name)
    return response
