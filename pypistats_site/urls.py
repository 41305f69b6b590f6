"""The addresses of the service."""

from django.contrib import admin
from django.urls import include, path

from pypistats_site import health

urlpatterns = [
    path("", include("packages.urls")),
    path("api/", include("api.urls")),
    path("feeds/", include("feeds.urls")),
    path("healthz", health.healthz, name="healthz"),
    path("admin/", admin.site.urls),
]

handler400 = "api.errors.bad_request"
handler404 = "api.errors.not_found"
handler500 = "api.errors.server_error"

admin.site.site_header = "Download statistics"
admin.site.site_title = "Download statistics"
admin.site.site_url = "/"
