"""Answers as examples, one for each shape; tests hold them to it."""

PACKAGE_NAME, DAY = "requests", "2026-11-20"
SUMS = {"last_day": 1042, "last_week": 7216, "last_month": 30917}
CATEGORIES = {
    "overall": {"with_mirrors": 1190, "without_mirrors": 1042},
    "python_major": {"3": 1011, "null": 31},
    "python_minor": {"3.9": 170, "3.12": 841, "null": 31},
    "system": {"Linux": 874, "null": 168},
    "installer": {"pip": 702, "uv": 340},
    "ci": {"false": 623, "true": 419},
}


def _rows(kind: str) -> list[dict[str, object]]:
    return [
        {"category": category, "date": DAY, "downloads": downloads}
        for category, downloads in CATEGORIES[kind].items()
    ]


def series(kind: str) -> dict[str, object]:
    return {
        "data": _rows(kind),
        "package": PACKAGE_NAME,
        "type": f"{kind}_downloads",
    }


VERSION = {
    "data": [
        {"category": "2.9", "date": DAY, "downloads": 41},
        {"category": "2.32.3", "date": DAY, "downloads": 1001},
    ],
    "package": PACKAGE_NAME,
    "type": "version_downloads",
}
RECENT = {"data": SUMS, "package": PACKAGE_NAME, "type": "recent_downloads"}
WHOLE = {"counted": 7, "days": 7, "incidents": 0, "missing": []}
PACKAGE = {
    "data": {
        "data_through": DAY,
        "list": "pypistats",
        "windows": {
            "last_day": WHOLE | {"counted": 1, "days": 1},
            "last_week": WHOLE | {"counted": 6, "missing": ["2026-11-18"]},
            "last_month": WHOLE
            | {"counted": 29, "days": 30, "missing": ["2026-11-18"]},
        },
        "recent": SUMS,
        "recent_with_mirrors": {name: 2 * number for name, number in SUMS.items()},
        **{kind: _rows(kind) for kind in CATEGORIES},
    },
    "package": PACKAGE_NAME,
    "type": "package",
}
RECENTS = {
    "data": [{"package": PACKAGE_NAME, **SUMS}],
    "data_through": DAY,
    "type": "recent_downloads",
    "unknown": ["no-such-package"],
}
TOP = {
    "by": "downloads",
    "data": [{"downloads": 7216, "package": PACKAGE_NAME, "rank": 1, "rise": 340}],
    "data_through": DAY,
    "period": "week",
    "recomputed_percent": None,
    "type": "top",
}
PACKAGES = {
    "data": [{"package": PACKAGE_NAME, **SUMS}],
    "data_through": DAY,
    "next": "30917:requests",
    "recomputed_percent": None,
    "type": "packages",
}
_BEFORE = {"checks": ["not-small", "not-large"], "downloads": 1300, "packages": 12}
COVERAGE = {
    "data_through": DAY,
    "days": [
        {
            "all_packages": True,
            "checks": ["not-less-than-before", "not-small", "not-large"],
            "counted_at": "2026-11-19T03:30:05Z",
            "day": "2026-11-17",
            "definition": "artifacts",
            "downloads": 1310,
            "first_counted_at": "2026-11-18T03:30:04Z",
            "packages": 12,
            "revisions": [
                {
                    "after": _BEFORE | {"downloads": 1310},
                    "at": "2026-11-19T03:30:05Z",
                    "before": _BEFORE,
                    "source": "files",
                }
            ],
            "source": "files",
            "status": "complete",
        }
    ],
    "definitions": [
        {
            "counts": "wheels and sdists only",
            "first": "2026-08-24",
            "last": None,
            "name": "artifacts",
        }
    ],
    "incidents": [
        {
            "effect": "A day's downloads were lost upstream.",
            "evidence": None,
            "first": "2026-10-02",
            "last": "2026-10-02",
            "title": "Lost downloads",
            "whose": "public-data",
        }
    ],
    "window": {"first": "2026-05-25", "last": DAY},
    "windows": {"last_week": WHOLE | {"counted": 6, "missing": ["2026-11-18"]}},
}
DUMP = {
    "data": [
        {
            "bytes": 11_730_502,
            "name": "recent.jsonl.gz",
            "sha256": "9f86d081" * 8,
            "url": "https://stats.example.org/api/dump/recent.jsonl.gz",
        }
    ],
    "data_through": DAY,
    "packages": 612_480,
    "type": "dump",
    "written_at": "2026-11-21T03:41:12Z",
}
SHIELDS = {
    "cacheSeconds": 3600,
    "color": "#4c1",
    "label": "downloads",
    "labelColor": "#555",
    "message": "31k/month",
    "schemaVersion": 1,
}
SCHEMA = {"openapi": "3.1.1", "info": {"title": "..."}, "paths": {}}
ERROR = {
    "error": {
        "detail": "No package named 'no-such-package' is known here.",
        "status": 404,
    }
}
