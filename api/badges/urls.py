"""Addresses of badges."""

from django.urls import path

from api.badges.views import ShieldsBadgeView, SVGBadgeView

app_name = "badges"
urlpatterns = [
    path("<str:package>/<str:period>.svg", SVGBadgeView.as_view(), name="svg"),
    path("<str:package>/<str:period>.json", ShieldsBadgeView.as_view(), name="json"),
]
