"""The pages of feeds: where items lead, and what else there is."""

import re

import pytest
from django.test import Client

from packages.models import Incident, MirrorList
from tests.feeds.test_events import tell
from tests.feeds.weeks import SUNDAY, read

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("two_weeks")]
SITE = "http://127.0.0.1:8000"


def ids(client: Client, address: str) -> list[str]:
    html = client.get(address).content.decode()
    return re.findall(r'<article class="feed-item" id="([^"]*)"', html)


@pytest.mark.parametrize(
    "feed",
    [
        "packages/django.rss",
        "packages/django.rss?every=day",
        "packages/django.rss?every=week",
        "packages/django.rss?every=day&list=everything",
        "packages/django.rss?events=only",
        "packages/__all__.rss",
        "list.rss?packages=django,other",
        "movers.rss",
        "days.rss",
    ],
)
def test_link_of_each_item_leads_to_it(client: Client, feed: str) -> None:
    tell()
    tell(None)
    Incident.objects.create(title="Loss", first_day=SUNDAY, last_day=SUNDAY)

    entries = read(client, f"/feeds/{feed}").entries

    assert entries
    for entry in entries:
        address, _, anchor = entry.link.removeprefix(SITE).partition("#")
        assert ids(client, address).count(anchor) == 1, entry.link


def test_page_of_a_list_repeats_no_id(client: Client) -> None:
    assert ids(client, "/feeds/list?packages=django,other") == []


def variants(client: Client, address: str) -> list[tuple[str, str, str]]:
    html = client.get(address).content.decode()
    nav = re.search(r'<nav class="variants".*?</nav>', html, re.DOTALL)
    links = r'<a href="([^"]*)"( aria-current="page")?>([^<]*)</a>'
    return re.findall(links, nav[0]) if nav else []


def test_page_links_the_feeds_variants_and_marks_its_own(client: Client) -> None:
    path, this = "/feeds/packages/django", ' aria-current="page"'

    assert variants(client, f"{path}?every=day") == [
        (path, "", "Weeks and events"),
        (f"{path}?every=week", "", "Weeks"),
        (f"{path}?every=day", this, "Days"),
        (f"{path}?every=month", "", "Months"),
        (f"{path}?events=only", "", "Events"),
    ]
    assert variants(client, "/feeds/movers") == []


def test_variants_keep_the_packages_and_the_list(client: Client) -> None:
    MirrorList.objects.create(name="mine")
    query = "packages=django,other"

    found = variants(client, f"/feeds/list?{query}&list=mine")

    assert [address.replace("&amp;", "&") for address, _, _ in found] == [
        f"/feeds/list?{query}&list=mine",
        f"/feeds/list?{query}&every=day&list=mine",
        f"/feeds/list?{query}&every=month&list=mine",
    ]
