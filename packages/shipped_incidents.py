"""The known incidents that ship with the service: editable in the admin."""

from datetime import date
from typing import NamedTuple

from django.db import connection

from packages.incidents import mark_days
from packages.models import CountedDay, Incident

PUBLIC, OTHER = Incident.Whose.PUBLIC_DATA, Incident.Whose.OTHER_SITE
PYPISTATS = "https://github.com/psf/pypistats.org/issues"
PEPY = "https://github.com/psincraian/pepy/issues"
LINEHAUL = "https://github.com/pypi/linehaul/issues"
LOADER = "https://github.com/pypi/linehaul-cloud-function/issues"


class Known(NamedTuple):
    first: date
    last: date
    whose: Incident.Whose
    title: str
    effect: str
    evidence: str


_KNOWN = [
    Known(
        date(2016, 1, 1),
        date(2018, 7, 25),
        PUBLIC,
        "Most downloads were not recorded",
        "Too low by about a factor of ten; shares within a day can be used.",
        f"{LINEHAUL}/30",
    ),
    Known(
        date(2019, 4, 25),
        date(2019, 4, 28),
        PUBLIC,
        "Downloads missing in the public data",
        "Too low on these days.",
        f"{LINEHAUL}/47",
    ),
    Known(
        date(2020, 4, 8),
        date(2020, 4, 8),
        OTHER,
        "pypistats.org lost a day",
        "Missing on that site; the public data has the day.",
        f"{PYPISTATS}/29",
    ),
    Known(
        date(2021, 3, 22),
        date(2021, 4, 6),
        OTHER,
        "The older public table stopped",
        "Days without rows in the table that pypistats.org read then;"
        " file_downloads, which took its place, has them.",
        f"{PYPISTATS}/34",
    ),
    Known(
        date(2021, 6, 1),
        date(2021, 6, 30),
        PUBLIC,
        "The loader of the public data timed out",
        "Some hours may be too low; which ones is not known.",
        f"{LOADER}/14",
    ),
    Known(
        date(2021, 11, 22),
        date(2021, 12, 10),
        PUBLIC,
        "The pipeline of the public data lost and doubled rows",
        "Lost in the public table from 26 November and filled in later; doubled in"
        " the older table the-psf.pypi.file_downloads from 23 November.",
        f"{LOADER}/54",
    ),
    Known(
        date(2024, 5, 19),
        date(2024, 5, 28),
        OTHER,
        "pepy.tech had no new data",
        "Missing on that site.",
        f"{PEPY}/667",
    ),
    Known(
        date(2024, 6, 15),
        date(2024, 6, 21),
        PUBLIC,
        "The pipeline of the public data broke for a week",
        "Filled in on 22 June, except for a part of 18 June, which is lost for good.",
        f"{PYPISTATS}/68",
    ),
    Known(
        date(2024, 10, 26),
        date(2024, 10, 26),
        OTHER,
        "pypistats.org was late",
        "Late on that site.",
        f"{PYPISTATS}/75",
    ),
    Known(
        date(2025, 5, 1),
        date(2025, 5, 1),
        OTHER,
        "pepy.tech had no new data",
        "Missing on that site.",
        "",
    ),
    Known(
        date(2025, 8, 2),
        date(2025, 8, 22),
        OTHER,
        "pypistats.org was down",
        "No numbers on that site.",
        f"{PYPISTATS}/82",
    ),
    Known(
        date(2026, 2, 24),
        date(2026, 2, 24),
        OTHER,
        "pepy.tech had no new data",
        "Missing on that site.",
        "",
    ),
    Known(
        date(2026, 5, 7),
        date(2026, 5, 8),
        OTHER,
        "pepy.tech had no new data",
        "Missing on that site.",
        "",
    ),
]


def ship_incidents(**kwargs: object) -> None:
    """Fill a database that has no incident; what an admin removed stays removed."""
    if not _has_tables() or Incident.objects.exists():
        return
    Incident.objects.bulk_create(
        Incident(
            first_day=known.first,
            last_day=known.last,
            whose=known.whose,
            title=known.title,
            effect=known.effect,
            evidence=known.evidence,
        )
        for known in _KNOWN
    )
    if CountedDay.objects.exists():
        mark_days()


def _has_tables() -> bool:
    """Migrating backwards ends with the signal too, and without the tables."""
    tables = connection.introspection.table_names()
    return Incident._meta.db_table in tables
