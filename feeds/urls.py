"""Addresses of the feeds: a page each, and the same with the ending of a format."""

from django.urls import path, register_converter

from feeds import views
from feeds.channels import Format


class FormatConverter:
    """The ending of a feed's address."""

    regex = "|".join(Format)

    def to_python(self, value: str) -> Format:
        return Format(value)

    def to_url(self, value: Format) -> str:
        return str(value)


register_converter(FormatConverter, "form")

app_name = "feeds"
urlpatterns = [
    path("", views.index, name="index"),
    path("packages/<str:name>.<form:form>", views.package, name="package"),
    path("packages/<str:name>", views.package, name="package-page"),
    path("list.<form:form>", views.packages, name="list"),
    path("list", views.packages, name="list-page"),
    path("tracked.<form:form>", views.tracked, name="tracked"),
    path("tracked", views.tracked, name="tracked-page"),
    path("users/<slug:key>.<form:form>", views.user, name="user"),
    path("users/<slug:key>", views.user, name="user-page"),
    path("movers.<form:form>", views.movers, name="movers"),
    path("movers", views.movers, name="movers-page"),
    path("days.<form:form>", views.days, name="days"),
    path("days", views.days, name="days-page"),
    path("opml", views.packages_opml, name="opml"),
    path("tracked.opml", views.tracked_opml, name="tracked-opml"),
    path("users/<slug:key>.opml", views.user_opml, name="user-opml"),
    path("charts/<str:name>/<str:key>.png", views.chart, name="chart"),
]
