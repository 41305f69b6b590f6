"""The body of a chart's table, joined in Python: it may have thousands of cells."""

from datetime import date

from django import template
from django.utils.safestring import SafeString, mark_safe

from packages.charts import Chart

register = template.Library()


@register.simple_tag
def table_body(chart: Chart) -> SafeString:
    """The lines of ``chart`` as table rows; needs no escaping, it has numbers only."""
    gap = f'<td colspan="{len(chart.categories)}" class="gap">not counted</td>'
    rows = [f"<tr>{_cells(day, values, gap)}</tr>" for day, values in chart.lines()]
    return mark_safe("\n".join(rows))  # noqa: S308 - dates and integers only


def _cells(day: date, values: list[int | None], gap: str) -> str:
    cells = [f"<td>{value:,}</td>" for value in values if value is not None]
    return f'<th scope="row">{day}</th>{"".join(cells) or gap}'
