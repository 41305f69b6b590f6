"""Addresses of the feeds."""

from django.urls import path

from feeds import views

app_name = "feeds"
urlpatterns = [
    path("packages/<str:name>.rss", views.package_rss, name="package-rss"),
]
