"""Names are normalized in one way, and hostile ones are no names."""

import duckdb
import pytest

from packages.names import (
    SQL_IS_VALID,
    SQL_NORMALIZED,
    normalize_name,
    normalize_prefix,
)

NAMES = {
    "Django": "django",
    "zope.interface": "zope-interface",
    "My__Weird.-Name": "my-weird-name",
    "a": "a",
    "__all__": "__all__",
    "": None,
    "-leading": None,
    "trailing_": None,
    "with space": None,
    "sla/sh": None,
    "nul\x00": None,
    "newline\n": None,
    "na\u00efve": None,
    "%41": None,
    "a" * 255: "a" * 255,
    "a" * 256: None,
}


@pytest.mark.parametrize(("name", "expected"), NAMES.items())
def test_normalized_name(name: str, expected: str | None) -> None:
    assert normalize_name(name) == expected


@pytest.mark.parametrize("name", [n for n in NAMES if n != "__all__"])
def test_duckdb_normalizes_alike(name: str) -> None:
    valid, normalized = (s.format(name="n") for s in (SQL_IS_VALID, SQL_NORMALIZED))
    sql = f"SELECT CASE WHEN {valid} THEN {normalized} END FROM (SELECT ? AS n)"

    row = duckdb.execute(sql, [name]).fetchone()

    assert row == (normalize_name(name),)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Dj", "dj"),
        ("zope.", "zope-"),
        ("zope_-", "zope-"),
        ("Zope.Int", "zope-int"),
        ("a" * 254, "a" * 254),
        ("a" * 255, None),
        ("", None),
        ("-a", None),
        ("a%", None),
        ("a\n", None),
        ("__all__", None),
    ],
)
def test_normalized_prefix(text: str, expected: str | None) -> None:
    assert normalize_prefix(text) == expected
