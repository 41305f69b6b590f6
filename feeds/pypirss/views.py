"""pypirss over HTTP: its feed, its errors in the old words, and its manual."""

import logging
from collections.abc import Callable, Iterator
from datetime import datetime
from functools import wraps
from urllib.parse import quote

from django.conf import settings
from django.db import Error
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe

from feeds.channels import Format
from feeds.choices import one_of
from feeds.exceptions import PackageGoneError
from feeds.periods import Every, Period
from feeds.pypirss.counter import Value, values, values_shown
from feeds.pypirss.files import releases_of
from feeds.pypirss.rss import Item, error_item, nothing_counted, rss, value_item
from feeds.words import plain
from packages import snapshot
from packages.exceptions import UnknownPackageError
from packages.models import Package
from packages.names import normalize_package
from packages.public_answers import View, public
from packages.removal import is_removed

RETRY_SECONDS = 60
SHOWN_NAME = 80
TAG_SAFE = "[]+!:"
"""Besides letters and digits: what stands in versions as people write them."""

logger = logging.getLogger(__name__)

FeedView = Callable[[HttpRequest, str], HttpResponse]


def served(view: FeedView) -> View:
    """Answer safe methods alone; let readers keep what is good, and tell the rest."""
    return csrf_exempt(require_safe(_with_errors(public(view))))


def _with_errors(view: View) -> FeedView:
    """Answer errors as small feeds: 2009's were pages, which no reader could read."""

    @wraps(view)
    def answer(request: HttpRequest, name: str) -> HttpResponse:
        try:
            return view(request, name)
        except UnknownPackageError:
            return _error(name, 404, f"Package [{plain(name)}] was not found")
        except PackageGoneError:
            return _error(name, 410, f"Package [{plain(name)}] was removed")
        except Error:
            logger.exception("The database does not answer")
            response = _error(name, 503, "Error accessing the datastore")
            response.headers["Retry-After"] = str(RETRY_SECONDS)
            return response

    return answer


@served
def feed(request: HttpRequest, name: str) -> HttpResponse:
    """The counter of one package, in any spelling; its newest value is the ETag."""
    mirrors = one_of(request.GET, "mirrors", ("true", "false")) == "true"
    package = _package(name)
    items = list(_items(package, mirrors=mirrors))
    query = {"mirrors": "true"} if mirrors else {}
    response = _rss(rss(package.normalized_name, query, items), 200)
    response.headers["ETag"] = f'"{quote(items[0].guid, safe=TAG_SAFE)}"'
    return response


@require_safe
@public
def manual(request: HttpRequest) -> HttpResponse:
    return _manual(request, None, 200)


@require_safe
def unsupported(request: HttpRequest, form: str, name: str) -> HttpResponse:
    """Say which format there is; 2009 did so, too."""
    return _manual(request, form[:SHOWN_NAME], 404)


def _package(name: str) -> Package:
    normalized = normalize_package(name)
    found = Package.objects.filter(normalized_name=normalized).first()
    if found is not None:
        return found
    if normalized and is_removed(normalized):
        raise PackageGoneError(normalized)
    raise UnknownPackageError(name)


def _items(package: Package, *, mirrors: bool) -> Iterator[Item]:
    name = package.normalized_name
    found = values(releases_of(name, mirrors=mirrors), snapshot.current())
    for value in found:
        yield value_item(name, value, _loaded_at(value))
    if not found:
        yield nothing_counted(name, package.added_at)


def _loaded_at(value: Value) -> datetime:
    """When the day was first counted: a later count gives the value another guid."""
    over_at = Period.around(Every.DAY, value.day.day).over_at
    return value.day.first_counted_at or over_at


def _error(name: str, status: int, message: str) -> HttpResponse:
    item = error_item(name, message, timezone.now())
    return _rss(rss(name, {}, [item]), status)


def _rss(content: bytes, status: int) -> HttpResponse:
    content_type = f"{Format.RSS.media_type}; charset=utf-8"
    return HttpResponse(content, content_type=content_type, status=status)


def _manual(request: HttpRequest, form: str | None, status: int) -> HttpResponse:
    context = {
        "unsupported": form,
        "base_url": settings.BASE_URL,
        "shown": values_shown(),
        "summed": settings.RETENTION_DAYS - values_shown() + 1,
    }
    return render(request, "feeds/pypirss.html", context, status=status)
