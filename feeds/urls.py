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
    path("packages/<str:name>.<form:form>", views.package, name="package"),
    path("packages/<str:name>", views.package, name="package-page"),
    path("charts/<str:name>/<str:key>.png", views.chart, name="chart"),
]
