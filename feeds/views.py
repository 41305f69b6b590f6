"""Feeds over HTTP: a view parses, builds the channel, and gives it its form."""

import logging
from functools import wraps
from typing import Any

from django.db import Error
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe

from feeds import listing
from feeds.channels import Channel, Format, relative
from feeds.charts import chart_png, is_shown
from feeds.choices import PACKAGES, Choice, asked_choice, check_taken
from feeds.exceptions import BusyError, ManyChartsError, PackageGoneError
from feeds.followed import Followed
from feeds.ledger import ledger_channel
from feeds.limits import count_chart
from feeds.listing import Listed, list_channel
from feeds.movers import movers_channel
from feeds.opml import CONTENT_TYPE, FILE_NAME, MOST_PACKAGES, opml
from feeds.package import package_channel
from feeds.pages import index_page, page
from feeds.periods import Period
from feeds.syndication import ChannelFeed
from packages import snapshot, standings, stats
from packages.changing_answers import answer_briefly, answer_privately
from packages.exceptions import UnknownPackageError
from packages.list_choice import PARAMETER, asked_list
from packages.models import Package
from packages.names import normalize_name
from packages.public_answers import View, public
from packages.removal import is_removed
from packages.stats import History

_FEEDS = {form: ChannelFeed(form) for form in Format}
PLAIN = "text/plain; charset=utf-8"
logger = logging.getLogger(__name__)


def safe(view: View) -> View:
    """Answer safe methods alone: a POST is a 405, as it should be."""
    return csrf_exempt(require_safe(_with_errors(view)))


def served(view: View) -> View:
    """Let readers and proxies keep what is answered."""
    return safe(public(view))


def _with_errors(view: View) -> View:
    """Tell readers whether to stop or to come back."""

    @wraps(view)
    def answer(request: HttpRequest, **asked: Any) -> HttpResponse:
        try:
            return view(request, **asked)
        except PackageGoneError as error:
            return _gone(request, str(error), is_page="form" not in asked)
        except Error:
            logger.exception("The database does not answer")
            return _later("The database does not answer; try again in a minute.", 60)

    return answer


def _gone(request: HttpRequest, message: str, *, is_page: bool) -> HttpResponse:
    """A page for people, else a sentence."""
    if not is_page:
        return HttpResponse(message, status=410, content_type=PLAIN)
    context = {"status": 410, "message": message}
    return render(request, "error.html", context, status=410)


@served
def index(request: HttpRequest) -> HttpResponse:
    return index_page(request)


@served
def package(
    request: HttpRequest, name: str, form: Format | None = None
) -> HttpResponse:
    choice = asked_choice(request.GET)
    normalized = normalize_name(name)
    if normalized is None:
        raise Http404
    history = _history(normalized, choice.mirror_list)
    if normalized != name:
        address = reverse("feeds:package-page", args=[normalized])
        return _moved(address, form, choice.query())
    return _answer(request, package_channel(history, choice), form)


@served
def packages(request: HttpRequest, form: Format | None = None) -> HttpResponse:
    """Any packages that the reader names, in one feed; sorted, so that it is one."""
    choice = asked_choice(request.GET, PACKAGES)
    listed = listing.named(listing.asked_names(request.GET))
    if request.GET.getlist(PACKAGES) != [listed.query[PACKAGES]]:
        return _moved(listed.path, form, listed.query | choice.query())
    return _listed(request, listed, choice, form)


@safe
def tracked(request: HttpRequest, form: Format | None = None) -> HttpResponse:
    """The tracked packages, of which some may have been tracked this minute."""
    choice = asked_choice(request.GET)
    listed = listing.tracked(listing.MOST_PACKAGES)
    return answer_briefly(
        request, str(listed), lambda: _listed(request, listed, choice, form)
    )


@safe
def user(request: HttpRequest, key: str, form: Format | None = None) -> HttpResponse:
    choice = asked_choice(request.GET)
    listed = _of_user(key, listing.MOST_PACKAGES)
    return answer_privately(
        request, str(listed), lambda: _listed(request, listed, choice, form)
    )


@served
def movers(request: HttpRequest, form: Format | None = None) -> HttpResponse:
    """The week's movers; they are not known while rankings are worked out anew."""
    check_taken(request.GET, ())
    if standings.recomputed_percent() is not None:
        return _later("Rankings are being worked out anew; try again soon.", 600)
    return _answer(request, movers_channel(snapshot.current()), form)


@served
def days(request: HttpRequest, form: Format | None = None) -> HttpResponse:
    check_taken(request.GET, ())
    return _answer(request, ledger_channel(snapshot.current()), form)


@served
def packages_opml(request: HttpRequest) -> HttpResponse:
    choice = asked_choice(request.GET, PACKAGES)
    names = listing.asked_names(request.GET, MOST_PACKAGES)
    known = Package.objects.filter(normalized_name__in=names).order_by()
    found = sorted(known.values_list("normalized_name", flat=True))
    if not found:
        raise Http404
    return _subscriptions(listing.named(found), choice)


@safe
def tracked_opml(request: HttpRequest) -> HttpResponse:
    choice = asked_choice(request.GET)
    listed = listing.tracked(MOST_PACKAGES)
    return answer_briefly(
        request,
        str(listed),
        lambda: _subscriptions(listed, choice),
    )


@safe
def user_opml(request: HttpRequest, key: str) -> HttpResponse:
    choice = asked_choice(request.GET)
    listed = _of_user(key, MOST_PACKAGES)
    return answer_privately(
        request,
        str(listed),
        lambda: _subscriptions(listed, choice),
    )


@served
def chart(request: HttpRequest, name: str, key: str) -> HttpResponse:
    check_taken(request.GET, {PARAMETER})
    mirror_list = asked_list(request.GET)
    period = Period.of_key(key)
    if period is None or normalize_name(name) != name:
        raise Http404
    history = _history(name, mirror_list)
    if not is_shown(period, history):
        raise Http404
    try:
        count_chart(request)
        picture = chart_png(Followed(history, mirror_list), period)
    except ManyChartsError as error:
        response = _later(str(error), error.seconds, status=429)
        response.headers["Cache-Control"] = "no-store"  # others may have it
        return response
    except BusyError as error:
        return _later(str(error), 30)
    return HttpResponse(picture, content_type="image/png")


def _history(name: str, mirror_list: str | None) -> History:
    try:
        return stats.history(name, mirror_list)
    except UnknownPackageError as error:
        if is_removed(name):
            raise PackageGoneError(name) from error
        raise Http404 from error


def _of_user(key: str, most: int) -> Listed:
    listed = listing.of_user(key, most)
    if listed is None:
        raise Http404
    return listed


def _listed(
    request: HttpRequest, listed: Listed, choice: Choice, form: Format | None
) -> HttpResponse:
    channel = list_channel(listed, choice, snapshot.current())
    return _answer(request, channel, form)


def _answer(
    request: HttpRequest, channel: Channel, form: Format | None
) -> HttpResponse:
    if form is None:
        return page(request, channel)
    answer: HttpResponse = _FEEDS[form](request, channel=channel)
    return answer


def _subscriptions(listed: Listed, choice: Choice) -> HttpResponse:
    disposition = f'attachment; filename="{FILE_NAME}"'
    return HttpResponse(
        opml(listed, choice),
        content_type=CONTENT_TYPE,
        headers={"Content-Disposition": disposition},
    )


def _later(message: str, seconds: int, *, status: int = 503) -> HttpResponse:
    return HttpResponse(
        message,
        status=status,
        content_type=PLAIN,
        headers={"Retry-After": str(seconds)},
    )


def _moved(path: str, form: Format | None, query: dict[str, str]) -> HttpResponse:
    ending = f".{form}" if form else ""
    return redirect(relative(f"{path}{ending}", query), permanent=True)
