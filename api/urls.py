"""Addresses of the API: no trailing slashes, as on pypistats.org."""

from django.urls import include, path
from rest_framework.routers import SimpleRouter

from api import views

app_name = "api"

router = SimpleRouter(trailing_slash=False)
router.register("packages", views.PackageViewSet, basename="package")

urlpatterns = [
    path("", views.documentation, name="documentation"),
    path("", include(router.urls)),
]
