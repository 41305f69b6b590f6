"""Versions are read by packaging; what cannot be read or shown is not known."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.file_versions import Named, bounded, spelled, version_of
from packages.models.files import MAX_FILENAME, MAX_VERSION


@pytest.mark.parametrize(
    ("filename", "version"),
    [
        ("django-5.2-py3-none-any.whl", "5.2"),
        ("zope.interface-7.0.1-cp312-cp312-manylinux_2_17_x86_64.whl", "7.0.1"),
        ("torch-2.9.0+cpu-1build-cp312-cp312-win_amd64.whl", "2.9.0+cpu"),
        ("django-5.2.tar.gz", "5.2"),
        ("zope-interface-7.0.zip", "7.0"),
        ("django-5.2-py3-none-any.whl.metadata", "5.2"),
        ("django-5.2.tar.gz.asc", "5.2"),
        ("Paste-1.7-py2.7.egg", "1.7"),
        ("setuptools-0.6c11-py2.6-linux-x86_64.egg", "0.6c11"),
        ("pywin32-214.win32-py2.6.exe", None),
        ("django-latest.tar.gz", None),
        ("django.whl", None),
        ("-.egg", None),
        ("", None),
    ],
)
def test_version_of_a_file_name(filename: str, version: str | None) -> None:
    assert version_of(filename) == version


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("5.2", "5.2"),
        ("v1.0", "1.0"),
        ("1.0-RC1", "1.0rc1"),
        ("1.0-dev-r4", "1.0-dev-r4"),
        ("9" * 65, ""),
        ("=cmd|' /C calc'!A0", ""),
        ("1.0\n", ""),
        ("a\0b", ""),
        (None, ""),
    ],
)
def test_version_as_it_is_kept(sent: str | None, kept: str) -> None:
    assert spelled(sent) == kept


def test_version_that_was_sent_is_believed_before_the_name() -> None:
    assert bounded("django-5.2.tar.gz", "5.3") == Named("django-5.2.tar.gz", "5.3")
    assert bounded("django-5.2.tar.gz", "a\0") == Named("django-5.2.tar.gz", "5.2")


def test_name_that_is_too_long_leaves_the_version() -> None:
    assert bounded("a" * 300, "1.0") == Named("", "1.0")


@given(st.text(max_size=300) | st.none(), st.text(max_size=80) | st.none())
def test_whatever_is_sent_fits_the_table(name: str | None, version: str | None) -> None:
    kept = bounded(name, version)

    assert len(kept.filename) <= MAX_FILENAME
    assert len(kept.version) <= MAX_VERSION
    assert (kept.filename + kept.version).isprintable()
