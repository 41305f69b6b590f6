"""The body of a chart's table, joined in Python: it may have thousands of cells."""

import re
from collections.abc import Collection
from datetime import date

from django import template
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString, mark_safe

from packages.charts import Chart

register = template.Library()

DAY = re.compile(r"\d{4}-\d\d-\d\d")
INCIDENT = ' <small class="tag tag-warn">incident</small>'


@register.simple_tag
def table_body(chart: Chart, incident_days: Collection[date] = ()) -> SafeString:
    """The lines of ``chart`` as table rows; needs no escaping, it has numbers only."""
    gap = f'<td colspan="{len(chart.categories)}" class="gap">not counted</td>'
    rows = [
        f'<tr><th scope="row">{day}{INCIDENT if day in incident_days else ""}</th>'
        f"{_cells(values) or gap}</tr>"
        for day, values in chart.lines()
    ]
    return mark_safe("\n".join(rows))  # noqa: S308 - dates and integers only


@register.filter
def whole_days(text: str) -> SafeString:
    """Keep the days in ``text`` from being broken at their hyphens."""
    escaped = conditional_escape(text)
    return mark_safe(DAY.sub(r"<time>\g<0></time>", escaped))  # noqa: S308 - escaped


def _cells(values: list[int | None]) -> str:
    return "".join(f"<td>{value:,}</td>" for value in values if value is not None)
