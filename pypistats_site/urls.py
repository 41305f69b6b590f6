"""The addresses of the service."""

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.templatetags.static import static
from django.urls import include, path

from feeds.pypirss.views import feed as pypirss
from pypistats_site import health
from pypistats_site.status import status


def favicon(request: HttpRequest) -> HttpResponse:
    """Send browsers that look at the usual place, as in the admin, to ours."""
    return redirect(static("favicon.svg"), permanent=True)


urlpatterns = [
    path("api/", include("api.urls")),  # first: asked for most
    path("", include("packages.urls")),
    path("badge/", include("api.badges.urls")),
    path("feeds/", include("feeds.urls")),
    path("services/pypirss/", include("feeds.pypirss.urls")),
    path("rss/<str:name>/downloads.xml", pypirss),
    path("status", status, name="status"),
    path("healthz", health.healthz, name="healthz"),
    path("admin/", admin.site.urls),
    path("favicon.ico", favicon),
]

handler400 = "api.errors.bad_request"
handler404 = "api.errors.not_found"
handler500 = "api.errors.server_error"

admin.site.site_header = "Download statistics"
admin.site.site_title = "Download statistics"
admin.site.site_url = "/"
