"""Badges as SVG, and as the JSON that shields draws one from."""

from django.http import HttpResponse
from rest_framework.exceptions import NotFound
from rest_framework.request import Request

from api.badges.colors import NAMES
from api.badges.drawing import Badge, draw
from api.badges.numbers import message
from api.badges.parameters import Asked, asked
from api.public_view import PublicView
from api.renderers import dumps
from packages import headline
from packages.exceptions import UnknownPackageError
from packages.headline import Period

USUAL, NO_DATA = NAMES["blue"], NAMES["lightgrey"]
FRESH_SECONDS, UNKNOWN_SECONDS = 3600, 300
"""How long shields keeps a badge; an unknown package may be counted soon."""
UNKNOWN_CACHED = f"public, max-age={UNKNOWN_SECONDS}"


class BadgeView(PublicView):
    """A badge of ``package``: its downloads, or that there is no data of it (404)."""

    http_method_names = ["get", "head", "options"]

    def get(self, request: Request, package: str, period: str) -> HttpResponse:
        wish = asked(request)
        known = _period(period)
        try:
            number = headline.downloads(package, known, wish.mirror_list)
        except UnknownPackageError:
            response = self.drawn(_badge(wish, "no data", NO_DATA), UNKNOWN_SECONDS)
            response.status_code = 404
            response["Cache-Control"] = UNKNOWN_CACHED
            return response
        badge = _badge(wish, message(number, known), wish.color or USUAL)
        return self.drawn(badge, FRESH_SECONDS)

    def drawn(self, badge: Badge, seconds: int) -> HttpResponse:
        content = self.content(badge, seconds)
        return HttpResponse(content, content_type=self.content_type)

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


def _period(text: str) -> Period:
    try:
        return Period(text)
    except ValueError:
        message = f"There is no such badge; the periods are {', '.join(Period)}."
        raise NotFound(message) from None


def _badge(wish: Asked, message: str, color: str) -> Badge:
    return Badge(wish.label, message, wish.label_color, color, wish.style)
