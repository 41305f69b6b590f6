"""What the query string of a badge may say."""

import unicodedata
from dataclasses import dataclass

from rest_framework.request import Request

from api.badges.colors import NAMES, parse_color
from api.badges.drawing import STYLES, Style
from api.exceptions import WrongValue, shortened
from api.serializers import choice
from packages.list_choice import asked_list

MAX_LABEL = 64
REFUSED = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
"""Categories of characters that are no text: they control it, or are not assigned."""
BLANK = frozenset(" \u115f\u1160\u2800\u3164\uffa0")
"""Letters and signs that look like a space: fillers of Hangul, Braille without dots."""
UNDECODABLE = "\N{REPLACEMENT CHARACTER}"


class WrongParameter(WrongValue):
    """A parameter of a badge has a value that it cannot have."""

    def __init__(self, parameter: str, values: list[str], allowed: str) -> None:
        super().__init__(f"{parameter} is {shortened(', '.join(values))}; {allowed}.")


@dataclass(frozen=True, slots=True)
class Asked:
    """How the badge shall look, and whose downloads it shall tell."""

    label: str
    label_color: str
    color: str | None
    """None: the usual one."""
    style: Style
    mirror_list: str | None


def asked(request: Request) -> Asked:
    """Read the parameters; raise ``APIException`` or ``AskedListError`` for a bad one.

    Strangers are ignored: readmes add some of their own against caches.
    """
    return Asked(
        label=_label(request),
        label_color=_color(request, "label_color") or NAMES["grey"],
        color=_color(request, "color"),
        style=STYLES[choice(request, "style", STYLES) or "flat"],
        mirror_list=asked_list(request.query_params),
    )


def _label(request: Request) -> str:
    values = request.query_params.getlist("label")
    if not values:
        return "downloads"
    label = values[0].strip()
    if len(values) > 1 or not 1 <= len(label) <= MAX_LABEL:
        allowed = f"give one text of 1 to {MAX_LABEL} characters"
        raise WrongParameter("label", values, allowed)
    if BLANK.issuperset(label):
        raise WrongParameter("label", values, "it would look blank")
    if any(char == UNDECODABLE or _is_refused(char) for char in label):
        allowed = "it may not contain control, format or unassigned characters"
        raise WrongParameter("label", values, allowed)
    return label


def _is_refused(char: str) -> bool:
    return unicodedata.category(char) in REFUSED


def _color(request: Request, parameter: str) -> str | None:
    values = request.query_params.getlist(parameter)
    if not values:
        return None
    color = parse_color(values[0]) if len(values) == 1 else None
    if color is None:
        names = ", ".join(NAMES)
        allowed = f"give 3 or 6 hexadecimal digits, or one of: {names}"
        raise WrongParameter(parameter, values, allowed)
    return color
