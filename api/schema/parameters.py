"""The parameters of the API, each described once; views say the same in code."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from api.badges.colors import NAMES
from api.badges.drawing import STYLES
from api.badges.parameters import MAX_LABEL
from api.serializers import LARGEST_PAGE, MOST_NAMES, PERIODS, TRUTH, categories
from packages.headline import RECENT, Period
from packages.list_choice import list_names
from packages.mirrors import NULL, Dimension
from packages.models import CountedDay
from packages.names import MAX_NAME_LENGTH
from packages.periods import Granularity
from packages.rankings import By
from packages.snapshot import Snapshot

Schema = dict[str, object]

LONGEST_QUERY, LONGEST_OF_NAMES = 10_000, 32_000
"""Characters of a whole query, and of one with names in it; granian ends at 64 KiB."""
PRINTED = "^[!-+.-~-]+$"
"""Names in a list need no more than to be printable; commas part them."""

LABEL = r"^[^\x00-\x1f\x7f-\x9f]*$"
"""Few engines know Unicode's categories, so the description tells the rest."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """What may stand in an address under one name; ``name`` may have several uses."""

    name: str
    text: str
    values: Schema | Callable[[Snapshot], list[str]]
    """A JSON schema; or the words that are allowed, where those follow the data."""
    example: object = None
    place: str = "query"

    def schema(self, state: Snapshot) -> Schema:
        if callable(self.values):
            return {"type": "string", "enum": self.values(state)}
        return self.values

    def described(self, state: Snapshot) -> Schema:
        """The parameter as OpenAPI has it."""
        described: Schema = {
            "name": self.name,
            "in": self.place,
            "description": self.text,
            "schema": self.schema(state),
        }
        if self.place == "path" or self.name == "packages":
            described["required"] = True
        if self.schema(state).get("type") == "array":
            described |= {"style": "form", "explode": False}
        if self.example is not None:
            described["example"] = self.example
        return described


def _words(*words: str, default: str | None = None) -> Schema:
    schema: Schema = {"type": "string", "enum": list(map(str, words))}
    return schema if default is None else schema | {"default": default}


def _seen(dimension: Dimension) -> Callable[[Snapshot], list[str]]:
    return lambda state: categories(dimension, state)


DAY: Schema = {"type": "string", "format": "date"}
NAME: Schema = {"type": "string", "minLength": 1, "pattern": "^[^/]+$"}
COLOR: Schema = {
    "type": "string",
    "pattern": f"^(#?([0-9a-fA-F]{{3}}|[0-9a-fA-F]{{6}})|{'|'.join(NAMES)})$",
}
LIMIT: Schema = {"type": "integer", "minimum": 1, "maximum": LARGEST_PAGE}

PARAMETERS: Mapping[str, Parameter] = {
    "package": Parameter(
        "package",
        "A package's name in any spelling, or __all__ for the sum of all packages.",
        NAME,
        example="requests",
        place="path",
    ),
    "start_date": Parameter(
        "start_date",
        "The first day wanted, itself included; it may not lie after end_date.",
        DAY,
        example="2026-11-01",
    ),
    "end_date": Parameter(
        "end_date",
        "The last day wanted, itself included.",
        DAY,
        example="2026-11-20",
    ),
    "list": Parameter(
        "list",
        "The mirror list that says which downloads count; the first is the default.",
        list_names,
        example="everything",
    ),
    "format": Parameter(
        "format",
        "JSON, or the rows as CSV. A header Accept: text/csv does the same.",
        _words("json", "csv", default="json"),
    ),
    "granularity": Parameter(
        "granularity",
        "What a row sums up; its date is the first day. Weeks begin on Monday.",
        _words(*Granularity, default="day"),
    ),
    "partial": Parameter(
        "partial",
        "Whether to tell weeks and months of which a day is missing or left out.",
        _words(*TRUTH, default="false"),
    ),
    "period": Parameter("period", "This one sum only.", _words(*PERIODS)),
    "with_mirrors": Parameter(
        "mirrors", "Whether to count mirrors too.", _words(*TRUTH, default="false")
    ),
    "mirrors": Parameter(
        "mirrors", "One of the two series: with mirrors, or without.", _words(*TRUTH)
    ),
    "python_major": Parameter(
        "version",
        "One major version of Python.",
        _seen(Dimension.PYTHON_MAJOR),
        example="3",
    ),
    "python_minor": Parameter(
        "version",
        "One minor version of Python.",
        _seen(Dimension.PYTHON_MINOR),
        example="3.12",
    ),
    "system": Parameter("os", "One system.", _seen(Dimension.SYSTEM), example="Linux"),
    "installer": Parameter(
        "installer", "One installer.", _seen(Dimension.INSTALLER), example="pip"
    ),
    "ci": Parameter(
        "ci",
        "Within continuous integration, or not.",
        _seen(Dimension.CI),
        example="true",
    ),
    "release": Parameter(
        "version",
        "One version of the package, as the answer writes it, such as 2.32.3; null for"
        " the files whose version is not known.",
        {"type": "string"},
        example=NULL,
    ),
    "packages": Parameter(
        "packages",
        f"Up to {MOST_NAMES} names, with commas between them; no more than"
        f" {LONGEST_OF_NAMES:,} characters in all of the query.",
        {
            "type": "array",
            "items": {"type": "string", "pattern": PRINTED, "maxLength": 255},
            "minItems": 1,
            "maxItems": MOST_NAMES,
        },
        example=["requests", "flask"],
    ),
    "top_period": Parameter(
        "period", "What is ranked by.", _words(*RECENT, default="day")
    ),
    "by": Parameter(
        "by",
        "Rank by downloads, or by their rise over the week before (day and week only).",
        _words(*By, default="downloads"),
    ),
    "limit": Parameter("limit", "How many rows at most.", LIMIT | {"default": 100}),
    "page_limit": Parameter(
        "limit", "How many rows at most; 100 unless given, 20 of a search.", LIMIT
    ),
    "search": Parameter(
        "search",
        "What the names begin with; the most downloaded come first.",
        {
            "type": "string",
            "pattern": "^[A-Za-z0-9][A-Za-z0-9._-]*$",
            "maxLength": MAX_NAME_LENGTH - 1,
        },
        example="djan",
    ),
    "cursor": Parameter(
        "cursor",
        "Where the next page begins: what next was on the page before.",
        {
            "type": "string",
            "pattern": "^([0-9]{1,18}:)?[a-z0-9]+(-[a-z0-9]+)*$",
            "maxLength": MAX_NAME_LENGTH,
        },
        example="requests",
    ),
    "status": Parameter(
        "status", "Days of this state only.", _words(*CountedDay.Status.values)
    ),
    "name": Parameter(
        "name",
        "The name of a file of the dump.",
        NAME,
        example="recent.jsonl.gz",
        place="path",
    ),
    "badge_period": Parameter(
        "period",
        "Downloads of the last 1, 7 or 30 days, or all that were ever counted.",
        _words(*Period),
        example="month",
        place="path",
    ),
    "label": Parameter(
        "label",
        "The text on the left; not blank, no formatting or unassigned characters.",
        {
            "type": "string",
            "minLength": 1,
            "maxLength": MAX_LABEL,
            "pattern": LABEL,
            "default": "downloads",
        },
    ),
    "color": Parameter(
        "color",
        f"The colour on the right: 3 or 6 hexadecimal digits, or {', '.join(NAMES)}.",
        COLOR,
        example="brightgreen",
    ),
    "label_color": Parameter(
        "label_color",
        "The colour on the left, as the one on the right.",
        COLOR,
        example="555",
    ),
    "style": Parameter("style", "How it is drawn.", _words(*STYLES, default="flat")),
    "document_format": Parameter(
        "format", "JSON or YAML.", _words("json", "yaml", default="json")
    ),
}

RANGE = ("start_date", "end_date")
COMMON = (*RANGE, "granularity", "partial", "list", "format")
"""What every series takes; the manual describes them together."""
