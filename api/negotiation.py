"""What the API answers with: JSON, as pypistats.org does, unless CSV is asked for."""

from collections.abc import Iterable

from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.parsers import BaseParser
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request

from api.serializers import choice


class NamedFormat(BaseContentNegotiation):
    """The format that ``?format=`` names, else one that ``Accept`` names, else JSON.

    ``Accept`` counts only where it names one of the formats in full: clients send all
    kinds of it, or none.
    """

    def select_parser(
        self, request: Request, parsers: Iterable[BaseParser]
    ) -> BaseParser | None:
        return next(iter(parsers), None)

    def select_renderer(
        self,
        request: Request,
        renderers: Iterable[BaseRenderer],
        format_suffix: str | None = None,
    ) -> tuple[BaseRenderer, str]:
        by_format = {str(renderer.format): renderer for renderer in renderers}
        # Where there is no choice, format is no parameter; ``check_query`` says so.
        asked = choice(request, "format", by_format) if len(by_format) > 1 else None
        if asked is None:
            accept = request.META.get("HTTP_ACCEPT", "")
            asked = _named_in(accept, by_format)
        renderer = by_format[asked]
        return renderer, renderer.media_type


def _named_in(accept: str, by_format: dict[str, BaseRenderer]) -> str:
    """Return the format whose media type ``accept`` prefers, the first by default."""
    first = next(iter(by_format))
    if len(by_format) == 1:
        return first
    formats = {renderer.media_type: name for name, renderer in by_format.items()}
    best, chosen = 0.0, first
    for item in accept.split(","):
        media_type, *parameters = item.lower().split(";")
        name, quality = formats.get(media_type.strip()), _quality(parameters)
        if name and quality > best:
            best, chosen = quality, name
    return chosen


def _quality(parameters: list[str]) -> float:
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip() == "q":
            try:
                return float(value)
            except ValueError:
                return 0.0
    return 1.0
