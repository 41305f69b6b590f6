"""Addresses of pypirss: those of 2009, with and without a slash at the end."""

from django.urls import path

from feeds.pypirss import views

app_name = "pypirss"
urlpatterns = [
    path("", views.manual, name="help"),
    path("rss", views.manual),
    path("rss/", views.manual),
    path("rss/<str:name>", views.feed, name="feed"),
    path("rss/<str:name>/", views.feed),
    path("<str:form>/<str:name>", views.unsupported),
    path("<str:form>/<str:name>/", views.unsupported),
]
