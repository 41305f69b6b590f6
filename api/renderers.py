"""JSON as pypistats.org sends it, and CSV of the same figures."""

import csv
import io
from collections.abc import Mapping
from typing import Any

import orjson
from rest_framework.renderers import BaseRenderer

_OPTIONS = orjson.OPT_SORT_KEYS | orjson.OPT_APPEND_NEWLINE
_ROW = ("category", "date", "downloads")
_RECENT = ("package", "last_day", "last_week", "last_month")
_COLUMNS: dict[str, tuple[str, ...]] = {
    "recent_downloads": _RECENT,
    "packages": _RECENT,
    "top": ("rank", "package", "downloads", "rise"),
}
"""Columns by the ``type`` of an answer; a series has ``_ROW``."""


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


class CSVRenderer(BaseRenderer):
    """The rows of an answer under a line of their names.

    No cell can be taken for a formula: names and categories begin alphanumeric.
    """

    media_type = "text/csv"
    format = "csv"
    charset = "utf-8"

    def render(
        self,
        data: Any,
        accepted_media_type: str | None = None,
        renderer_context: Mapping[str, Any] | None = None,
    ) -> bytes:
        rows = data["data"]
        if isinstance(rows, dict):
            rows = [{"package": data["package"], **rows}]
        columns = _COLUMNS.get(data["type"], _ROW)
        if rows:
            columns = tuple(name for name in columns if name in rows[0])
        text = io.StringIO(newline="")
        writer = csv.DictWriter(text, columns, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
        return text.getvalue().encode()


def dumps(data: Any) -> bytes:
    return orjson.dumps(data, option=_OPTIONS)
