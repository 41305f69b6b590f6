"""Scripts of any site may read the API and the feeds: nothing there is secret."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

OPEN_PREFIXES = ("/api/", "/feeds/", "/badge/", "/services/", "/rss/")
PREFLIGHT = {
    "Access-Control-Allow-Methods": "GET, HEAD, POST, OPTIONS",
    "Access-Control-Allow-Headers": (
        "Accept, Authorization, Content-Type, If-Modified-Since, If-None-Match"
    ),
    "Access-Control-Max-Age": "86400",
}
EXPOSED = (
    "Age, Content-Disposition, ETag, Link, RateLimit, RateLimit-Policy, Retry-After"
)

GetResponse = Callable[[HttpRequest], HttpResponseBase]


class CrossOrigin:
    """Open the public's data to every origin, errors included; answer preflights."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        # /api, which leads to /api/, belongs to it as well.
        if not f"{request.path_info}/".startswith(OPEN_PREFIXES):
            return self.get_response(request)
        if _is_preflight(request):
            response: HttpResponseBase = HttpResponse(status=204, headers=PREFLIGHT)
            del response.headers["Content-Type"]
        else:
            response = self.get_response(request)
            response.headers["Access-Control-Expose-Headers"] = EXPOSED
        response.headers["Access-Control-Allow-Origin"] = "*"
        return response


def _is_preflight(request: HttpRequest) -> bool:
    asked = "HTTP_ACCESS_CONTROL_REQUEST_METHOD" in request.META
    return request.method == "OPTIONS" and asked
