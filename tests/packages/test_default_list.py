"""Which mirror list is the default, and which may go: decided by admins."""

from datetime import date

import pytest
from django.test import Client

from packages import stats
from packages.models import MirrorList
from tests.factories import MIRROR, PIP_311, POETRY, UNNAMED, count_day
from tests.packages.admin_forms import change_address, confirmed, opened

pytestmark = pytest.mark.django_db
DAY = date(2026, 11, 18)
POETRY_TYPED = {"entries-4-installer": "poetry", "entries-4-reason": "a test"}
STALE = "Somebody else has changed mirror lists since you opened this page"


@pytest.fixture
def default() -> MirrorList:
    count_day(DAY, {"django": {PIP_311: 10, POETRY: 4, MIRROR: 5, UNNAMED: 1}})
    return MirrorList.objects.get(is_default=True)


def without_mirrors() -> int:
    return stats.history("django").recent().last_day


def test_form_cannot_leave_the_site_without_a_default_list(
    admin_client: Client, default: MirrorList
) -> None:
    confirmed(admin_client, change_address(default), is_default="", counts_unnamed="on")

    assert MirrorList.objects.get(is_default=True).counts_unnamed


def test_another_list_becomes_the_default(
    admin_client: Client, default: MirrorList
) -> None:
    chosen = MirrorList.objects.get(name="everything")
    address = change_address(chosen, "make-default")
    action = {"action": "make_default", "_selected_action": [chosen.pk]}

    led_to = admin_client.post("/admin/packages/mirrorlist/", action)
    page = admin_client.get(address).content.decode()
    without_reason = admin_client.post(
        address, opened(admin_client, address, reason="")
    )
    before = without_mirrors()
    response = admin_client.post(address, opened(admin_client, address))

    assert led_to["Location"] == address
    assert "<strong>6</strong> downloads go in or out" in page
    assert b"This field is required." in without_reason.content
    assert response.status_code == 302
    assert (before, without_mirrors()) == (14, 20)
    assert MirrorList.objects.get(is_default=True) == chosen


def test_default_is_not_passed_on_by_a_stale_page(
    admin_client: Client, default: MirrorList
) -> None:
    chosen = MirrorList.objects.get(name="everything")
    address = change_address(chosen, "make-default")
    typed = opened(admin_client, address)
    confirmed(admin_client, change_address(default), **POETRY_TYPED)

    response = admin_client.post(address, typed)

    assert STALE in response.content.decode()
    assert MirrorList.objects.get(is_default=True) == default


def test_list_is_deleted_for_a_reason(
    admin_client: Client, default: MirrorList
) -> None:
    address = change_address(MirrorList.objects.get(name="known-mirrors"), "delete")

    typed = opened(admin_client, address)
    admin_client.post(address, {**typed, "reason": ""})
    kept = MirrorList.objects.filter(name="known-mirrors").exists()
    admin_client.post(address, typed)

    assert kept
    assert not MirrorList.objects.filter(name="known-mirrors").exists()


def test_default_list_cannot_be_deleted(
    admin_client: Client, default: MirrorList
) -> None:
    typed = {"post": "yes", "reason": "tried here"}
    one = admin_client.post(change_address(default, "delete"), typed)
    admin_client.post(
        "/admin/packages/mirrorlist/",
        {"action": "delete_selected", "_selected_action": [default.pk], **typed},
    )

    assert MirrorList.objects.filter(pk=default.pk).exists()
    assert one.status_code == 403
