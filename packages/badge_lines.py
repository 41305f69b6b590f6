"""A package's badge on its page, and the lines that put it into a readme."""

from dataclasses import dataclass
from html import escape

from django.conf import settings
from django.urls import reverse

from packages.headline import Period
from packages.list_choice import with_list

ALT = "Downloads per month"


@dataclass(frozen=True, slots=True)
class BadgeLines:
    """Where the badge is, and how to show it: name of a markup -> what to write."""

    address: str
    alt: str
    lines: dict[str, str]


def badge_lines(package: str, mirror_list: str | None) -> BadgeLines:
    badge = reverse("badges:svg", args=[package, Period.MONTH])
    address = with_list(badge, mirror_list)
    page = with_list(reverse("packages:detail", args=[package]), mirror_list)
    image, target = settings.BASE_URL + address, settings.BASE_URL + page
    picture = f'<img src="{escape(image)}" alt="{ALT}">'
    lines = {
        "Markdown": f"[![{ALT}]({image})]({target})",
        "reStructuredText": f".. image:: {image}\n   :target: {target}\n   :alt: {ALT}",
        "HTML": f'<a href="{escape(target)}">{picture}</a>',
    }
    return BadgeLines(address, ALT, lines)
