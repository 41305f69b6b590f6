"""What admins can do with packages, records and mirror lists."""

from datetime import date

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from packages import stats
from packages.models import CountedDay, DownloadRecord, MirrorList, Package
from tests.factories import MIRROR, PIP_311, POETRY, count_day

pytestmark = pytest.mark.django_db
DAY = date(2026, 11, 18)

LIST_PAGES = [
    "packages/package",
    "packages/client",
    "packages/downloadrecord",
    "packages/mirrorlist",
    "packages/countedday",
    "ingest/ingestrun",
]


def without_mirrors() -> int:
    return stats.history("django").recent().last_day


@pytest.mark.parametrize("page", LIST_PAGES)
def test_list_pages_open(admin_client: Client, page: str) -> None:
    count_day(DAY, {"django": {PIP_311: 1}})

    assert admin_client.get(f"/admin/{page}/").status_code == 200


@pytest.mark.parametrize("packages", [1, 3])
def test_record_list_needs_no_query_per_row(
    admin_client: Client,
    packages: int,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    count_day(DAY, {f"p{number}": {PIP_311: 1} for number in range(packages)})

    with django_assert_num_queries(4):
        admin_client.get("/admin/packages/downloadrecord/")


def test_record_shows_its_days_and_cannot_be_changed(admin_client: Client) -> None:
    count_day(DAY, {"django": {PIP_311: 1234, MIRROR: 5}})
    record = DownloadRecord.objects.get()
    address = f"/admin/packages/downloadrecord/{record.pk}/change/"

    page = admin_client.get(address).content.decode()
    posted = admin_client.post(address, {"downloads": 1})

    assert "<td>2026-11-18</td><td>1,239</td>" in page
    assert "pip / 3.11 / Linux: 1,234; bandersnatch: 5" in page
    assert posted.status_code == 403
    record.refresh_from_db()
    assert record.downloads == 1239


def test_editing_entries_inline_changes_every_number(admin_client: Client) -> None:
    count_day(DAY, {"django": {PIP_311: 10, POETRY: 4}})
    before = without_mirrors()
    default = MirrorList.objects.get(is_default=True)

    response = admin_client.post(
        f"/admin/packages/mirrorlist/{default.pk}/change/",
        {
            "name": default.name,
            "description": default.description,
            "entries-TOTAL_FORMS": "1",
            "entries-INITIAL_FORMS": "0",
            "entries-0-mirror_list": str(default.pk),
            "entries-0-installer": "poetry",
            "entries-0-reason": "tried here",
        },
    )

    assert response.status_code == 302
    assert (before, without_mirrors()) == (14, 10)


def test_form_cannot_leave_the_site_without_a_default_list(
    admin_client: Client,
) -> None:
    default = MirrorList.objects.get(is_default=True)

    admin_client.post(
        f"/admin/packages/mirrorlist/{default.pk}/change/",
        {
            "name": default.name,
            "entries-TOTAL_FORMS": "0",
            "entries-INITIAL_FORMS": "0",
        },
    )

    assert MirrorList.objects.get(is_default=True) == default


def test_another_list_becomes_the_default(admin_client: Client) -> None:
    count_day(DAY, {"django": {PIP_311: 10, MIRROR: 4}})
    chosen = MirrorList.objects.get(name="everything")

    admin_client.post(
        "/admin/packages/mirrorlist/",
        {"action": "make_default", "_selected_action": [chosen.pk]},
    )

    assert without_mirrors() == 14


def test_default_list_cannot_be_deleted(admin_client: Client) -> None:
    default = MirrorList.objects.get(is_default=True)

    one = admin_client.post(
        f"/admin/packages/mirrorlist/{default.pk}/delete/", {"post": "yes"}
    )
    admin_client.post(
        "/admin/packages/mirrorlist/",
        {
            "action": "delete_selected",
            "_selected_action": [default.pk],
            "post": "yes",
        },
    )

    assert one.status_code == 403
    assert MirrorList.objects.filter(pk=default.pk).exists()


def test_packages_are_searched_and_tracked(admin_client: Client) -> None:
    package = Package.objects.create(normalized_name="django")
    Package.objects.create(normalized_name="flask")

    found = admin_client.get("/admin/packages/package/?q=dja").content.decode()
    admin_client.post(
        "/admin/packages/package/",
        {"action": "track", "_selected_action": [package.pk]},
    )

    assert "django" in found
    assert "flask" not in found
    assert list(Package.objects.tracked()) == [package]


def test_added_package_gets_its_normalized_name(admin_client: Client) -> None:
    admin_client.post("/admin/packages/package/add/", {"normalized_name": "Zope.Event"})
    refused = admin_client.post(
        "/admin/packages/package/add/", {"normalized_name": "no such name"}
    )

    assert Package.objects.get().normalized_name == "zope-event"
    assert b"No package can have this name." in refused.content


def test_ledger_shows_revisions(admin_client: Client) -> None:
    count_day(DAY, {"django": {PIP_311: 10}})
    count_day(DAY, {"django": {PIP_311: 11}})
    counted = CountedDay.objects.get()

    page = admin_client.get(f"/admin/packages/countedday/{counted.pk}/change/")

    assert b"[10, 11]" in page.content


def staff_who_may(*permissions: str) -> Client:
    user = User.objects.create_user("staff", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    client = Client()
    client.force_login(user)
    return client


def test_who_may_only_look_changes_nothing() -> None:
    client = staff_who_may("view_package", "view_mirrorlist")
    package = Package.objects.create(normalized_name="django")
    chosen = MirrorList.objects.get(name="everything")

    for page, action, pk in (
        ("package", "track", package.pk),
        ("mirrorlist", "make_default", chosen.pk),
    ):
        client.post(
            f"/admin/packages/{page}/", {"action": action, "_selected_action": [pk]}
        )

    assert not Package.objects.tracked().exists()
    assert MirrorList.objects.get(is_default=True).name == "pypistats"


def test_same_entry_twice_is_refused(admin_client: Client) -> None:
    default = MirrorList.objects.get(is_default=True)
    fields = {"mirror_list": str(default.pk), "installer": "poetry"}
    entries = {
        f"entries-{place}-{name}": value
        for place in range(2)
        for name, value in fields.items()
    }

    response = admin_client.post(
        f"/admin/packages/mirrorlist/{default.pk}/change/",
        {
            "name": default.name,
            "entries-TOTAL_FORMS": "2",
            "entries-INITIAL_FORMS": "0",
            **entries,
        },
    )

    assert b"poetry is there twice from the same day on." in response.content
    assert not default.entries.filter(installer="poetry").exists()
