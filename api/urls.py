"""Addresses of the API: no trailing slashes, as on pypistats.org."""

from django.urls import path
from rest_framework.routers import SimpleRouter

from api import bulk, views
from api.coverage import CoverageView
from api.dump import DumpViewSet
from api.manual import manual
from api.schema.views import SchemaView

app_name = "api"

router = SimpleRouter(trailing_slash=False)
router.register("packages", views.PackageViewSet, basename="package")
router.register("recent", bulk.RecentViewSet, basename="recent")
router.register("top", bulk.TopViewSet, basename="top")
router.register("dump", DumpViewSet, basename="dump")

urlpatterns = [
    *router.urls,  # first: asked for most
    path("", manual, name="documentation"),
    path("coverage", CoverageView.as_view(), name="coverage"),
    path("schema", SchemaView.as_view(), name="schema"),
]
