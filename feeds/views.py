"""Feeds over HTTP: a view parses, builds the channel, and gives it its form."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from feeds.channels import Channel, Format, relative
from feeds.charts import chart_png, is_shown
from feeds.choices import asked_choice
from feeds.exceptions import BusyError
from feeds.package import Followed, package_channel
from feeds.pages import page
from feeds.periods import Period
from feeds.served import served
from feeds.syndication import ChannelFeed
from packages import stats
from packages.exceptions import UnknownPackageError
from packages.list_choice import asked_list
from packages.names import normalize_name
from packages.stats import History

_FEEDS = {form: ChannelFeed(form) for form in Format}


@served
def package(
    request: HttpRequest, name: str, form: Format | None = None
) -> HttpResponse:
    choice = asked_choice(request.GET)
    normalized = normalize_name(name)
    if normalized is None:
        raise Http404
    if normalized != name:
        address = reverse("feeds:package-page", args=[normalized])
        return _moved(address, form, choice.query())
    history = _history(name, choice.mirror_list)
    return _answer(request, package_channel(history, choice), form)


@served
def chart(request: HttpRequest, name: str, key: str) -> HttpResponse:
    mirror_list = asked_list(request.GET)
    period = Period.of_key(key)
    if period is None or normalize_name(name) != name:
        raise Http404
    history = _history(name, mirror_list)
    if not is_shown(period, history.state):
        raise Http404
    try:
        picture = chart_png(Followed(history, mirror_list), period)
    except BusyError as error:
        return HttpResponse(
            str(error), "text/plain; charset=utf-8", 503, headers={"Retry-After": "30"}
        )
    return HttpResponse(picture, content_type="image/png")


def _history(name: str, mirror_list: str | None) -> History:
    try:
        return stats.history(name, mirror_list)
    except UnknownPackageError as error:
        raise Http404 from error


def _answer(
    request: HttpRequest, channel: Channel, form: Format | None
) -> HttpResponse:
    if form is None:
        return page(request, channel)
    answer: HttpResponse = _FEEDS[form](request, channel=channel)
    return answer


def _moved(path: str, form: Format | None, query: dict[str, str]) -> HttpResponse:
    ending = f".{form}" if form else ""
    return redirect(relative(f"{path}{ending}", query), permanent=True)
