"""Everything that may be asked: what it takes, what it answers, and an example.

The OpenAPI document and the manual at ``/api/`` are both made of this; a route without
an entry is a warning of ``manage.py spectacular``.
"""

from collections.abc import Mapping

from api.schema import examples
from api.schema.operation import CSV, GZIP, JSON, SVG, YAML, Operation
from api.schema.parameters import COMMON, RANGE

TABLE = (JSON, CSV)
GROUPS = {
    "package": "One package",
    "packages": "Many packages",
    "service": "The data, and this API",
    "badges": "Badges",
}


def _series(kind: str, summary: str, text: str, own: str, query: str) -> Operation:
    return Operation(
        key=kind,
        group="package",
        summary=summary,
        text=text,
        answer=f"{kind}_series",
        example=examples.series(kind),
        parameters=("package", own, *COMMON),
        media=TABLE,
        may_be_unknown=True,
        query=query,
    )


def _badge(
    key: str, summary: str, text: str, answer: str | None, media: str, *own: str
) -> Operation:
    looks = ("label", "label_color", "color", *own)
    return Operation(
        key=key,
        group="badges",
        summary=summary,
        text=text,
        answer=answer,
        example=examples.SHIELDS if media == JSON else None,
        parameters=("package", "badge_period", *looks, "list"),
        media=(media,),
        may_be_unknown=True,
        query="?color=brightgreen",
    )


OPERATIONS: Mapping[str, Operation] = {
    "GET /api/packages/{package}/recent": Operation(
        key="recent",
        group="package",
        summary="Downloads of the last day, week and month",
        text=(
            "Sums of the last 1, 7 and 30 days that end with the last counted day,"
            " without mirrors unless asked for."
        ),
        answer="Recent",
        example=examples.RECENT,
        parameters=("package", "period", "with_mirrors", "list", "format"),
        media=TABLE,
        may_be_unknown=True,
        query="?period=week",
    ),
    "GET /api/packages/{package}/overall": _series(
        "overall",
        "Downloads with and without mirrors",
        "Two rows a day: with_mirrors and without_mirrors.",
        "mirrors",
        "?mirrors=false",
    ),
    "GET /api/packages/{package}/python_major": _series(
        "python_major",
        "Downloads by major version of Python",
        "Without mirrors. The category null stands for clients that did not say.",
        "python_major",
        "?version=3",
    ),
    "GET /api/packages/{package}/python_minor": _series(
        "python_minor",
        "Downloads by minor version of Python",
        "Without mirrors; 3.9 comes before 3.10.",
        "python_minor",
        "?version=3.12",
    ),
    "GET /api/packages/{package}/system": _series(
        "system",
        "Downloads by operating system",
        "Without mirrors. Every other system is other; null is a client's silence.",
        "system",
        "?os=Linux",
    ),
    "GET /api/packages/{package}/installer": _series(
        "installer",
        "Downloads by what downloaded",
        "pip, uv, poetry and so on. Mirrors are among them under a list that counts"
        " them, as list=everything.",
        "installer",
        "?granularity=week",
    ),
    "GET /api/packages/{package}/ci": _series(
        "ci",
        "Downloads within continuous integration",
        "true: the installer said that it ran there; false: it did not say so.",
        "ci",
        "?ci=true",
    ),
    "GET /api/packages/{package}/version": Operation(
        key="version",
        group="package",
        summary="Downloads by the package's version",
        text=(
            "Without mirrors; 1.9 comes before 1.10, and null is a file of unknown"
            " version. A 404 where the service does not tell releases apart."
        ),
        answer="version_series",
        example=examples.VERSION,
        parameters=("package", "release", *COMMON),
        media=TABLE,
        may_be_unknown=True,
        is_counted_here=False,
    ),
    "GET /api/packages/{package}": Operation(
        key="package",
        group="package",
        summary="All of a package in one call",
        text=(
            "Every series, recent with and without mirrors, and which days the sums"
            " lack. Not as CSV: it is no one table."
        ),
        answer="Package",
        example=examples.PACKAGE,
        parameters=("package", *RANGE, "granularity", "partial", "list"),
        may_be_unknown=True,
        query="?granularity=month",
    ),
    "GET /api/recent": Operation(
        key="recents",
        group="packages",
        summary="Recent downloads of up to 500 packages",
        text=(
            "In the order asked, each once. Names that are not known here come in"
            " unknown and fail nothing."
        ),
        answer="Recents",
        example=examples.RECENTS,
        parameters=("packages", "period", "with_mirrors", "list", "format"),
        media=TABLE,
        query="?packages={package},no-such-package",
    ),
    "POST /api/recent": Operation(
        key="recents_post",
        group="packages",
        summary="The same, with the names in the body",
        text="For lists too long for an address. Other parameters stay in the address.",
        answer="Recents",
        example=examples.RECENTS,
        parameters=("period", "with_mirrors", "list", "format"),
        media=TABLE,
        is_public=False,
        body={"packages": ["requests", "no-such-package"]},
    ),
    "GET /api/top": Operation(
        key="top",
        group="packages",
        summary="The packages most downloaded, or rising most",
        text=(
            "Under the default mirror list. A rise is what each day has more than the"
            " day seven days before it; days never counted are left out."
        ),
        answer="Top",
        example=examples.TOP,
        parameters=("top_period", "by", "limit", "format"),
        media=TABLE,
        query="?period=week&limit=10",
    ),
    "GET /api/packages": Operation(
        key="packages",
        group="packages",
        summary="All packages, or those of a prefix",
        text=(
            "By name, page by page; with search the most downloaded first, for"
            " autocompletion. next is the cursor of the following page, null on the"
            " last one; a header Link has its whole address, for CSV too."
        ),
        answer="Packages",
        example=examples.PACKAGES,
        parameters=("search", "page_limit", "cursor", "format"),
        media=TABLE,
        query="?search={prefix}&limit=5",
    ),
    "GET /api/coverage": Operation(
        key="coverage",
        group="service",
        summary="The day ledger",
        text=(
            "Every kept day with its state, oldest first. The numbers of a day that was"
            " never counted are null; 0 is a day on which nothing was downloaded."
            " all_packages is false for a day counted for tracked packages alone."
        ),
        answer="Coverage",
        example=examples.COVERAGE,
        parameters=(*RANGE, "status"),
        query="?status=missing",
    ),
    "GET /api/dump": Operation(
        key="dump",
        group="service",
        summary="The files of the nightly dump",
        text=(
            "The recent downloads of every package, for whoever wants all of them. None"
            " until the first is written."
        ),
        answer="Dump",
        example=examples.DUMP,
    ),
    "GET /api/dump/{name}": Operation(
        key="dump_file",
        group="service",
        summary="A file of the dump",
        text=(
            "JSON lines or CSV with date, package, last_day, last_week, last_month and"
            " total, compressed by gzip. Ask with If-None-Match: an unchanged one is a"
            " 304."
        ),
        answer=None,
        example=None,
        parameters=("name",),
        media=(GZIP,),
        may_be_unknown=True,
    ),
    "GET /api/schema": Operation(
        key="schema",
        group="service",
        summary="This API as an OpenAPI document",
        text="OpenAPI 3.1, for code generators, clients and tests.",
        answer=None,
        example=examples.SCHEMA,
        parameters=("document_format",),
        media=(JSON, YAML),
        query="?format=yaml",
    ),
    "GET /badge/{package}/{period}.svg": _badge(
        "badge",
        "A badge",
        "A picture for a readme. A package that is not known has one too: no data, with"
        " status 404.",
        None,
        SVG,
        "style",
    ),
    "GET /badge/{package}/{period}.json": _badge(
        "badge_json",
        "The badge for shields.io to draw",
        "What img.shields.io/endpoint reads, for its styles and logos.",
        "ShieldsBadge",
        JSON,
    ),
}
