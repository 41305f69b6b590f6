"""JSON as pypistats.org sends it."""

from collections.abc import Mapping
from typing import Any

import orjson
from rest_framework.renderers import BaseRenderer

_OPTIONS = orjson.OPT_SORT_KEYS | orjson.OPT_APPEND_NEWLINE


class CompactJSONRenderer(BaseRenderer):
    """Compact, keys sorted at every level, one newline at the end."""

    media_type = "application/json"
    format = "json"
    charset = None

    def render(
        self,
        data: Any,
        accepted_media_type: str | None = None,
        renderer_context: Mapping[str, Any] | None = None,
    ) -> bytes:
        return dumps(data)


def dumps(data: Any) -> bytes:
    return orjson.dumps(data, option=_OPTIONS)
