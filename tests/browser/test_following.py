"""The page of what a user follows, in Chromium: on a phone, in the dark, in use."""

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.test import Client
from playwright.sync_api import BrowserContext
from pytest_django.live_server_helper import LiveServer

from packages.following import follow
from packages.models import Package, Watchlist
from tests.browser.conftest import Visit
from tests.browser.test_pages import LONG_NAME, WIDTH

pytestmark = [
    pytest.mark.browser,
    pytest.mark.enable_socket,
    pytest.mark.django_db(transaction=True, serialized_rollback=True),
]


@pytest.fixture
def page_address(live_server: LiveServer, context: BrowserContext) -> str:
    """The page's address, in a browser that is logged in."""
    user = User.objects.create_superuser("admin")
    follow(user, ["django", LONG_NAME])
    Package.objects.filter(normalized_name=LONG_NAME).update(tracked=False)
    client = Client()
    client.force_login(user)
    session = client.cookies[settings.SESSION_COOKIE_NAME].value
    context.add_cookies(
        [
            {
                "name": settings.SESSION_COOKIE_NAME,
                "value": session,
                "url": live_server.url,
            }
        ]
    )
    return f"{live_server.url}/admin/packages/watchlist/"


def test_address_is_copied(
    visit: Visit, context: BrowserContext, page_address: str
) -> None:
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    page = visit.open(page_address)

    page.get_by_role("button", name="Copy").nth(1).click()

    page.get_by_role("button", name="Copied").wait_for()
    copied = page.evaluate("navigator.clipboard.readText()")
    key = Watchlist.objects.get().key
    assert copied == f"{settings.BASE_URL}/feeds/users/{key}.atom"
    assert visit.errors == []


def test_list_is_kept_by_hand(visit: Visit, page_address: str) -> None:
    page = visit.open(page_address)

    page.get_by_label("Names of packages").fill("Flask\nsix, attrs")
    page.get_by_role("button", name="Follow these").click()
    page.get_by_role("button", name="Stop following django").click()
    page.get_by_text("You do not follow 1 package any more").wait_for()

    names = page.locator(".following li a").all_text_contents()
    assert names == [LONG_NAME, "attrs", "flask", "six"]
    assert visit.errors == []


@pytest.mark.parametrize("path", ["", "new-address/"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_page_fits_a_phone(
    visit: Visit, page_address: str, scheme: str, path: str
) -> None:
    visit.page.set_viewport_size({"width": 390, "height": 844})
    visit.page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")

    page = visit.open(page_address + path)

    assert page.evaluate(WIDTH) == 390
    assert visit.errors == []
