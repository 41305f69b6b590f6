"""Answers about one package, pypistats.org's five among them."""

from rest_framework.decorators import action
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import ViewSet

from api import bulk, series
from api.public_view import PublicView
from api.renderers import CompactJSONRenderer, CSVRenderer
from api.serializers import PERIODS, choice, truth
from api.throttles import expensive
from packages import headline
from packages.list_choice import asked_list
from packages.mirrors import Dimension

Renderers = list[BaseRenderer]


class PackageViewSet(PublicView, ViewSet):
    """Downloads of one package; ``__all__`` is the sum of every package."""

    lookup_field = "package"
    lookup_value_regex = "[^/]+"
    renderer_classes = (CompactJSONRenderer, CSVRenderer)

    def get_renderers(self) -> Renderers:
        """Only what is one table can be CSV."""
        renderers = super().get_renderers()
        return renderers[:1] if self.action == "retrieve" else renderers

    def list(self, request: Request) -> Response:
        return bulk.listed(request)

    def retrieve(self, request: Request, package: str) -> Response:
        return series.whole(request, package)

    @action(detail=True)
    def recent(self, request: Request, package: str) -> Response:
        mirrors = truth(request, "mirrors") or False
        period = choice(request, "period", PERIODS)
        mirror_list = asked_list(request.query_params)
        name, recent = headline.recent(package, mirror_list, mirrors=mirrors)
        data = series.recent_data(recent)
        if period:
            data = {PERIODS[period]: data[PERIODS[period]]}
        return series.answer(name, "recent_downloads", data)

    @action(detail=True)
    def overall(self, request: Request, package: str) -> Response:
        return series.overall(request, package)

    @action(detail=True)
    def python_major(self, request: Request, package: str) -> Response:
        return series.by_category(request, package, Dimension.PYTHON_MAJOR)

    @action(detail=True)
    def python_minor(self, request: Request, package: str) -> Response:
        return series.by_category(request, package, Dimension.PYTHON_MINOR)

    @action(detail=True)
    def system(self, request: Request, package: str) -> Response:
        return series.by_category(request, package, Dimension.SYSTEM)

    @action(detail=True)
    def installer(self, request: Request, package: str) -> Response:
        return series.by_category(request, package, Dimension.INSTALLER)

    @action(detail=True)
    def ci(self, request: Request, package: str) -> Response:
        return series.by_category(request, package, Dimension.CI)

    @action(detail=True)
    @expensive
    def version(self, request: Request, package: str) -> Response:
        return series.by_version(request, package)
