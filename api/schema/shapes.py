"""The shapes of answers, as JSON schemas with names."""

from api.serializers import MOST_NAMES
from packages.mirrors import MAIN_SYSTEMS, NULL
from packages.models import CountedDay, Incident
from packages.names import MAX_NAME_LENGTH

Schema = dict[str, object]

TEXT: Schema = {"type": "string"}
NAME: Schema = {"type": "string", "pattern": "^[!-~]+$", "maxLength": MAX_NAME_LENGTH}
TEXT_OR_NULL: Schema = {"type": ["string", "null"]}
DAY: Schema = {"type": "string", "format": "date"}
DAY_OR_NULL: Schema = {"type": ["string", "null"], "format": "date"}
TIME: Schema = {"type": "string", "format": "date-time"}
TIME_OR_NULL: Schema = {"type": ["string", "null"], "format": "date-time"}
COUNT: Schema = {"type": "integer", "minimum": 0}
COUNT_OR_NULL: Schema = {"type": ["integer", "null"], "minimum": 0}
NUMBER_OR_NULL: Schema = {"type": ["integer", "null"]}


def ref(name: str) -> Schema:
    return {"$ref": f"#/components/schemas/{name}"}


def _object(**properties: Schema) -> Schema:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
    }


def _some(**properties: Schema) -> Schema:
    """An object of which a parameter may leave parts out."""
    return {"type": "object", "properties": properties, "minProperties": 1}


def _list(items: Schema) -> Schema:
    return {"type": "array", "items": items}


def _words(*words: str) -> Schema:
    return {"type": "string", "enum": list(map(str, words))}


def _always(value: object) -> Schema:
    return {"const": value}


def _or_null(schema: Schema) -> Schema:
    return {"oneOf": [schema, {"type": "null"}]}


def _rows(category: Schema) -> Schema:
    return _list(_object(category=category, date=DAY, downloads=COUNT))


def _series(kind: str, category: Schema) -> Schema:
    kind_of_answer = _always(f"{kind}_downloads")
    return _object(data=_rows(category), package=TEXT, type=kind_of_answer)


SUMS = {"last_day": COUNT, "last_week": COUNT, "last_month": COUNT}
CATEGORIES: dict[str, Schema] = {
    "overall": _words("with_mirrors", "without_mirrors"),
    "python_major": TEXT,
    "python_minor": TEXT,
    "system": _words(*MAIN_SYSTEMS, NULL, "other"),
    "installer": TEXT,
    "ci": _words("true", "false"),
}
CHECKS = _list(_words(*CountedDay.Check.values))
COUNTED = _object(downloads=COUNT, packages=COUNT, checks=CHECKS)
WINDOW = _object(days=COUNT, counted=COUNT, incidents=COUNT, missing=_list(DAY))
WINDOWS: Schema = {
    "type": "object",
    "properties": dict.fromkeys(SUMS, WINDOW),
    "description": "What each sum is made of; empty before any day was counted.",
}
OF_STANDINGS = {"data_through": DAY_OR_NULL, "recomputed_percent": COUNT_OR_NULL}

SCHEMAS: dict[str, Schema] = {
    "Error": _object(
        error=_object(
            status={"type": "integer", "minimum": 400, "maximum": 599}, detail=TEXT
        )
    ),
    "Recent": _object(
        data=_some(**SUMS), package=TEXT, type=_always("recent_downloads")
    ),
    **{f"{kind}_series": _series(kind, words) for kind, words in CATEGORIES.items()},
    "version_series": _series("version", TEXT),
    "Package": _object(
        data=_object(
            data_through=DAY_OR_NULL,
            list=TEXT,
            windows=WINDOWS,
            recent=_object(**SUMS),
            recent_with_mirrors=_object(**SUMS),
            **{kind: _rows(category) for kind, category in CATEGORIES.items()},
        ),
        package=TEXT,
        type=_always("package"),
    ),
    "Recents": _object(
        data=_list(_some(package=TEXT, **SUMS)),
        data_through=DAY_OR_NULL,
        type=_always("recent_downloads"),
        unknown=_list(TEXT),
    ),
    "Names": _object(packages=_list(NAME) | {"minItems": 1, "maxItems": MOST_NAMES})
    | {"additionalProperties": False},
    "Top": _object(
        data=_list(
            _object(rank=COUNT, package=TEXT, downloads=COUNT, rise=NUMBER_OR_NULL)
        ),
        period=_words("day", "week", "month"),
        by=_words("downloads", "rise"),
        type=_always("top"),
        **OF_STANDINGS,
    ),
    "Packages": _object(
        data=_list(_object(package=TEXT, **SUMS)),
        next=TEXT_OR_NULL,
        type=_always("packages"),
        **OF_STANDINGS,
    ),
    "Coverage": _object(
        data_through=DAY_OR_NULL,
        window=_or_null(_object(first=DAY, last=DAY)),
        windows=WINDOWS,
        definitions=_list(
            _object(name=TEXT, counts=TEXT, first=DAY_OR_NULL, last=DAY_OR_NULL)
        ),
        incidents=_list(ref("Incident")),
        days=_list(ref("Day")),
    ),
    "Incident": _object(
        title=TEXT,
        first=DAY,
        last=DAY_OR_NULL,
        effect=TEXT,
        evidence=TEXT_OR_NULL,
        whose=_words(*Incident.Whose.values),
    ),
    "Day": _object(
        day=DAY,
        status=_words(*CountedDay.Status.values),
        source=TEXT_OR_NULL,
        definition=TEXT_OR_NULL,
        downloads=COUNT_OR_NULL,
        packages=COUNT_OR_NULL,
        all_packages={"type": ["boolean", "null"]},
        first_counted_at=TIME_OR_NULL,
        counted_at=TIME_OR_NULL,
        checks=CHECKS,
        revisions=_list(_object(at=TIME, source=TEXT, before=COUNTED, after=COUNTED)),
    ),
    "Dump": _object(
        data=_list(_object(name=TEXT, url=TEXT, bytes=COUNT, sha256=TEXT)),
        data_through=DAY_OR_NULL,
        packages=COUNT_OR_NULL,
        type=_always("dump"),
        written_at=TIME_OR_NULL,
    ),
    "ShieldsBadge": _object(
        schemaVersion=_always(1),
        label=TEXT,
        message=TEXT,
        labelColor=TEXT,
        color=TEXT,
        cacheSeconds=COUNT,
    ),
}
