"""How a preview writes its shares."""

from django import template

from packages.preview import Preview

register = template.Library()


@register.filter
def share_of(downloads: int, preview: Preview) -> str:
    """Write ``downloads`` as a percentage of all; what is there is never 0."""
    share = preview.share(downloads)
    return "under 0.01 %" if 0 < share < 0.01 else f"{share:.2f} %"
