"""The lines that put a package's badge into a readme."""

from datetime import date
from html import unescape

import pytest
from django.test import Client
from pytest_django import Settings

from packages.badge_lines import badge_lines
from packages.models import MirrorList, Package
from tests.factories import PIP_311, count_day

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _base_url(settings: Settings) -> None:
    settings.BASE_URL = "https://stats.example"


def test_every_markup_has_its_lines() -> None:
    badge = badge_lines("django", None)

    assert badge.address == "/badge/django/month.svg"
    assert badge.lines == {
        "Markdown": "[![Downloads per month]"
        "(https://stats.example/badge/django/month.svg)]"
        "(https://stats.example/packages/django)",
        "reStructuredText": ".. image:: https://stats.example/badge/django/month.svg\n"
        "   :target: https://stats.example/packages/django\n"
        "   :alt: Downloads per month",
        "HTML": '<a href="https://stats.example/packages/django"><img'
        ' src="https://stats.example/badge/django/month.svg"'
        ' alt="Downloads per month"></a>',
    }


def test_addresses_are_escaped_in_html_alone(settings: Settings) -> None:
    settings.BASE_URL = "https://stats.example/a&b"

    lines = badge_lines("django", None).lines

    assert lines["HTML"].count('="https://stats.example/a&amp;b/') == 2
    assert lines["Markdown"].count("(https://stats.example/a&b/") == 2


def test_lines_ask_for_the_list_that_the_page_shows() -> None:
    badge = badge_lines("django", 'a) "list"')

    asked = "?list=a%29+%22list%22"
    assert badge.address == f"/badge/django/month.svg{asked}"
    assert all(line.count(asked) == 2 for line in badge.lines.values())


def test_page_shows_the_badge_and_its_lines_as_text(client: Client) -> None:
    count_day(date(2026, 11, 18), {"django": {PIP_311: 5}})
    MirrorList.objects.filter(name="everything").update(name="<b>&all")

    page = client.get("/packages/django?list=%3Cb%3E%26all").text

    asked = "?list=%3Cb%3E%26all"
    assert f'src="/badge/django/month.svg{asked}"' in page
    for line in badge_lines("django", "<b>&all").lines.values():
        assert line in unescape(page)
    assert "<img src=&quot;" not in page
    assert "&lt;a href=&quot;https://stats.example/packages/django?list=" in page


def test_package_without_downloads_has_a_badge(client: Client) -> None:
    Package.objects.create(normalized_name="tracked-only", tracked=True)

    page = client.get("/packages/tracked-only").text

    assert 'src="/badge/tracked-only/month.svg"' in page
