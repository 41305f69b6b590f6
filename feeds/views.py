"""Feeds over HTTP: canonical addresses, validators, answers that cost nothing."""

from datetime import datetime
from hashlib import sha256

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import condition, require_safe

from feeds.package import PackageRssFeed
from packages import snapshot, stats
from packages.list_choice import asked_list, with_list
from packages.names import normalize_name

_package_feed = PackageRssFeed()


def validator(request: HttpRequest, name: str) -> str:
    """An ETag of everything that the answer depends on."""
    state = snapshot.current()
    parts = (settings.VERSION, settings.BASE_URL, state.generation, state.changed_at)
    asked = asked_list(request.GET)
    text = f"{request.path}|{asked}|{'|'.join(map(str, parts))}"
    return f'"{sha256(text.encode()).hexdigest()[:32]}"'


def changed_at(request: HttpRequest, name: str) -> datetime:
    return snapshot.current().changed_at


@csrf_exempt  # so that a POST is a 405, as it should be
@require_safe
def package_rss(request: HttpRequest, name: str) -> HttpResponse:
    normalized = normalize_name(name)
    if normalized is None:
        raise Http404
    mirror_list = asked_list(request.GET)
    if normalized != name:
        address = reverse("feeds:package-rss", args=[normalized])
        return redirect(with_list(address, mirror_list), permanent=True)
    if not stats.is_known(name):
        raise Http404
    return _validated(request, name)


@condition(etag_func=validator, last_modified_func=changed_at)
def _validated(request: HttpRequest, name: str) -> HttpResponse:
    response: HttpResponse = _package_feed(request, name=name)
    # The newest item may be older than the correction of another one.
    del response.headers["Last-Modified"]
    return response
