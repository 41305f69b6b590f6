"""Badges as SVG, and as the JSON that shields draws one from."""

from hashlib import sha256

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.utils.cache import get_conditional_response
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.views import APIView

from api.badges.colors import NAMES
from api.badges.drawing import Badge, draw
from api.badges.numbers import message
from api.badges.parameters import Asked, asked
from api.renderers import dumps
from packages import headline
from packages.exceptions import UnknownPackageError
from packages.headline import Period

USUAL, NO_DATA = NAMES["blue"], NAMES["lightgrey"]
FRESH_SECONDS, UNKNOWN_SECONDS = 3600, 300
"""How long caches keep a badge; an unknown package may be counted soon."""
IF_LATE = "stale-while-revalidate=86400, stale-if-error=604800"


class BadgeView(APIView):
    """A badge of ``package``: its downloads, or that there is no data of it (404)."""

    http_method_names = ["get", "head", "options"]

    def get(self, request: Request, package: str, period: str) -> HttpResponseBase:
        wish = asked(request)
        known = _period(period)
        try:
            number = headline.downloads(package, known, wish.mirror_list)
        except UnknownPackageError:
            return self.drawn(_badge(wish, "no data", NO_DATA), 404, UNKNOWN_SECONDS)
        badge = _badge(wish, message(number, known), wish.color or USUAL)
        return _validated(request, self.drawn(badge, 200, FRESH_SECONDS))

    def drawn(self, badge: Badge, status: int, seconds: int) -> HttpResponse:
        response = HttpResponse(
            self.content(badge, seconds), status=status, content_type=self.content_type
        )
        response["Cache-Control"] = f"public, max-age={seconds}, {IF_LATE}"
        return response

    content_type: str

    def content(self, badge: Badge, seconds: int) -> str | bytes:
        raise NotImplementedError

    @property
    def default_response_headers(self) -> dict[str, str]:
        shown_anywhere = {"Cross-Origin-Resource-Policy": "cross-origin"}
        return super().default_response_headers | shown_anywhere


class SVGBadgeView(BadgeView):
    content_type = "image/svg+xml"

    def content(self, badge: Badge, seconds: int) -> str:
        return draw(badge)


class ShieldsBadgeView(BadgeView):
    """What ``img.shields.io/endpoint`` reads."""

    content_type = "application/json"

    def content(self, badge: Badge, seconds: int) -> bytes:
        return dumps(
            {
                "schemaVersion": 1,
                "label": badge.label,
                "message": badge.message,
                "labelColor": badge.label_color,
                "color": badge.color,
                "cacheSeconds": seconds,
            }
        )


def _validated(request: Request, response: HttpResponse) -> HttpResponseBase:
    """Answer 304 to whom has the same badge already, of whatever generation."""
    etag = f'"{sha256(response.content).hexdigest()[:32]}"'
    response["ETag"] = etag
    conditional = get_conditional_response(
        request._request, etag=etag, response=response
    )
    return conditional or response


def _period(text: str) -> Period:
    try:
        return Period(text)
    except ValueError:
        message = f"There is no such badge; the periods are {', '.join(Period)}."
        raise NotFound(message) from None


def _badge(wish: Asked, message: str, color: str) -> Badge:
    return Badge(wish.label, message, wish.label_color, color, wish.style)
