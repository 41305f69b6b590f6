"""Addresses of feeds."""

import pytest
from django.urls import reverse, set_script_prefix

from feeds.channels import path_to


@pytest.mark.parametrize("prefix", ["/", "/downloads/"])
@pytest.mark.parametrize(
    ("view", "names"),
    [
        ("packages:detail", ["zope-interface"]),
        ("api:package-recent", ["__all__"]),
        ("feeds:package-page", ["django"]),
        ("feeds:chart", ["django", "2026-W46"]),
    ],
)
def test_path_is_the_one_that_django_finds(
    prefix: str, view: str, names: list[str]
) -> None:
    set_script_prefix(prefix)
    try:
        assert path_to(view, *names) == reverse(view, args=names)
    finally:
        set_script_prefix("/")
