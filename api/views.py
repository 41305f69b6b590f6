"""The five endpoints of pypistats.org, and their documentation page."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import ViewSet

from api.public_view import PublicView
from api.serializers import categories, choice
from packages import snapshot, stats
from packages.list_choice import asked_list, list_names
from packages.mirrors import Dimension
from packages.public_answers import public
from packages.stats import Row

PERIODS = {"day": "last_day", "week": "last_week", "month": "last_month"}
MIRRORS = {"true": True, "false": False}


class PackageViewSet(PublicView, ViewSet):
    """Downloads of one package; ``__all__`` is the sum of every package."""

    lookup_field = "package"
    lookup_value_regex = "[^/]+"

    @action(detail=True)
    def recent(self, request: Request, package: str) -> Response:
        mirror_list = asked_list(request.query_params)
        history = stats.history(package, mirror_list, last_days=stats.MONTH)
        recent = history.recent()
        period = choice(request, "period", PERIODS)
        names = [PERIODS[period]] if period else PERIODS.values()
        data = {name: getattr(recent, name) for name in names}
        return _answer(history.package, "recent_downloads", data)

    @action(detail=True)
    def overall(self, request: Request, package: str) -> Response:
        history = stats.history(package, asked_list(request.query_params))
        mirrors = choice(request, "mirrors", MIRRORS)
        rows = history.overall(mirrors=MIRRORS[mirrors] if mirrors else None)
        return _answer(history.package, "overall_downloads", _rows(rows))

    @action(detail=True)
    def python_major(self, request: Request, package: str) -> Response:
        return _series(request, package, Dimension.PYTHON_MAJOR, "version")

    @action(detail=True)
    def python_minor(self, request: Request, package: str) -> Response:
        return _series(request, package, Dimension.PYTHON_MINOR, "version")

    @action(detail=True)
    def system(self, request: Request, package: str) -> Response:
        return _series(request, package, Dimension.SYSTEM, "os")


@require_safe
@public
def documentation(request: HttpRequest) -> HttpResponse:
    state = snapshot.current()
    largest = stats.largest(1)
    context = {
        "base_url": settings.BASE_URL,
        "state": state,
        "example": largest[0][0] if largest else "requests",
        "list_names": list_names(state),
    }
    return render(request, "api/documentation.html", context)


def _series(
    request: Request, package: str, dimension: Dimension, parameter: str
) -> Response:
    history = stats.history(package, asked_list(request.query_params))
    wanted = choice(request, parameter, categories(dimension, history.state))
    rows = history.by(dimension)
    if wanted is not None:
        rows = [row for row in rows if row.category == wanted]
    return _answer(history.package, f"{dimension}_downloads", _rows(rows))


def _rows(rows: list[Row]) -> list[dict[str, object]]:
    return [
        {"category": category, "date": day, "downloads": downloads}
        for category, day, downloads in rows
    ]


def _answer(package: str, kind: str, data: object) -> Response:
    return Response({"data": data, "package": package, "type": kind})
