"""How admins change mirror lists: previewed, confirmed, one after the other."""

from datetime import date

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from packages import stats
from packages.models import MirrorChange, MirrorEntry, MirrorList
from packages.models.mirrors import MAX_ENTRIES
from tests.factories import MIRROR, PIP_311, POETRY, UNNAMED, count_day
from tests.packages.admin_forms import (
    change_address,
    confirmed,
    fields_of,
    opened,
    staff_who_may,
)

pytestmark = pytest.mark.django_db
DAY = date(2026, 11, 18)
ADD = "/admin/packages/mirrorlist/add/"
POETRY_TYPED = {"entries-4-installer": "poetry", "entries-4-reason": "a test"}
STALE = "Somebody else has changed mirror lists since you opened this page"


@pytest.fixture
def default() -> MirrorList:
    count_day(DAY, {"django": {PIP_311: 10, POETRY: 4, MIRROR: 5, UNNAMED: 1}})
    return MirrorList.objects.get(is_default=True)


def without_mirrors() -> int:
    return stats.history("django").recent().last_day


def installers_of(mirror_list: MirrorList) -> list[str]:
    return list(mirror_list.entries.values_list("installer", flat=True))


def test_first_save_is_a_preview_that_keeps_what_was_typed(
    admin_client: Client, default: MirrorList
) -> None:
    address = change_address(default)
    typed = opened(
        admin_client, address, **POETRY_TYPED, description="<b>", counts_unnamed="on"
    )

    response = admin_client.post(address, typed)

    kept = fields_of(response.content)
    assert {name: kept[name] for name in typed} == typed
    page = response.content.decode()
    assert "<strong>5</strong> downloads go in or out" in page
    assert "<strong>25.00 %</strong> of all" in page
    assert "<li>added poetry</li>" in page
    assert "<li>unnamed installers count now</li>" in page
    assert 'value="Save this change"' in page
    assert "errornote" not in page
    assert "admin/js/inlines.js" in page
    assert "admin/js/calendar.js" in page
    assert without_mirrors() == 14
    assert not MirrorChange.objects.exists()


def test_confirmed_change_is_saved(admin_client: Client, default: MirrorList) -> None:
    response = confirmed(admin_client, change_address(default), **POETRY_TYPED)

    assert response.status_code == 302
    assert "poetry" in installers_of(default)
    assert without_mirrors() == 10


def test_form_changed_after_its_preview_is_previewed_again(
    admin_client: Client, default: MirrorList
) -> None:
    address = change_address(default)
    first = admin_client.post(address, opened(admin_client, address, **POETRY_TYPED))
    typed = fields_of(first.content) | {"entries-4-installer": "pip"}

    second = admin_client.post(address, typed)

    assert second.status_code == 200
    assert "<li>added pip</li>" in second.content.decode()
    assert installers_of(default) == installers_of(
        MirrorList.objects.get(pk=default.pk)
    )
    assert "pip" not in installers_of(default)
    admin_client.post(address, fields_of(second.content))
    assert "pip" in installers_of(default)


def test_deleted_entry_is_previewed_and_counts_again(
    admin_client: Client, default: MirrorList
) -> None:
    place = installers_of(default).index("bandersnatch")

    changes = {f"entries-{place}-DELETE": "on"}
    response = confirmed(admin_client, change_address(default), **changes)

    assert response.status_code == 302
    assert "bandersnatch" not in installers_of(default)
    assert without_mirrors() == 19


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"reason": " "}, "This field is required."),
        (
            {"entries-4-installer": "devpi"},
            "devpi is there twice from the same day on.",
        ),
        ({"entries-4-installer": "<b>"}, "is no installer&#x27;s name"),
        (
            {
                "entries-4-installer": "uv",
                "entries-4-valid_from": "2026-02-01",
                "entries-4-valid_until": "2026-01-01",
            },
            "The last day is before the first.",
        ),
        ({"name": "Known-Mirrors"}, "There is a list named Known-Mirrors already"),
    ],
)
def test_wrong_form_says_so_and_changes_nothing(
    admin_client: Client, default: MirrorList, changes: dict[str, str], sentence: str
) -> None:
    address = change_address(default)

    response = admin_client.post(address, opened(admin_client, address, **changes))

    assert sentence in response.content.decode()
    assert "list-preview" not in response.content.decode()
    assert MirrorEntry.objects.filter(mirror_list=default).count() == 4


def test_second_admin_does_not_undo_the_first(
    admin_client: Client, default: MirrorList
) -> None:
    address = change_address(default)
    slow = opened(admin_client, address, description="Mine")
    preview = fields_of(admin_client.post(address, slow).content)
    confirmed(admin_client, address, **POETRY_TYPED)

    for late in (slow, preview):
        response = admin_client.post(address, late)
        assert STALE in response.content.decode()

    default.refresh_from_db()
    assert default.description != "Mine"
    assert "poetry" in installers_of(default)
    assert MirrorChange.objects.count() == 1


def test_full_list_fits_the_form(admin_client: Client, default: MirrorList) -> None:
    for number in range(MAX_ENTRIES - 4):
        default.entries.create(installer=f"p{number}")
    address = change_address(default)

    typed = opened(admin_client, address)

    fitting = admin_client.post(address, typed)
    typed[f"entries-{MAX_ENTRIES}-installer"] = "one"
    refused = admin_client.post(address, typed)

    assert b"list-preview" in fitting.content
    assert b"A list has at most 100 entries." in refused.content


def test_new_list_is_compared_with_the_default(
    admin_client: Client, default: MirrorList
) -> None:
    changes = {"name": "strict", "entries-0-installer": "poetry"}
    page = admin_client.post(ADD, opened(admin_client, ADD, **changes))

    assert "compared with the list pypistats" in page.content.decode()
    assert "<strong>10</strong> downloads go in or out" in page.content.decode()
    response = admin_client.post(ADD, fields_of(page.content))

    assert response.status_code == 302
    assert installers_of(MirrorList.objects.get(name="strict")) == ["poetry"]


@pytest.mark.parametrize("page", ["change", "make-default", "export", "import"])
def test_list_that_is_not_there_is_no_error(admin_client: Client, page: str) -> None:
    for number in ("999999", "x"):
        address = f"/admin/packages/mirrorlist/{number}/{page}/"
        assert admin_client.get(address).status_code in {302, 404}
        assert admin_client.post(address, {}).status_code in {302, 404}


@pytest.mark.parametrize("packages", [1, 30])
def test_previewing_a_change_needs_no_query_per_package(
    admin_client: Client,
    packages: int,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    count_day(DAY, {f"p{n}": {POETRY: 1} for n in range(packages)})
    address = change_address(MirrorList.objects.get(is_default=True))
    typed = opened(admin_client, address, **POETRY_TYPED)

    # Django checks each entry against the database on its own.
    with django_assert_num_queries(49):
        admin_client.post(address, typed)


def test_who_may_only_look_sees_previews_and_changes_nothing(
    default: MirrorList,
) -> None:
    client = staff_who_may("view_mirrorlist")
    chosen = MirrorList.objects.get(name="everything")
    switch = change_address(chosen, "make-default")

    form = client.get(change_address(default)).content.decode()
    preview = client.get(switch).content.decode()

    assert 'name="reason"' not in form
    assert "bandersnatch" in form
    assert "<strong>6</strong> downloads go in or out" in preview
    assert '<form method="post"' not in preview
    assert client.get(change_address(chosen, "export")).status_code == 200
    refused = {
        page: client.post(change_address(chosen, page), {"reason": "tried"}).status_code
        for page in ("change", "make-default", "import", "delete")
    }
    assert set(refused.values()) == {403}
    assert client.get(change_address(chosen, "import")).status_code == 403
    assert MirrorList.objects.get(is_default=True) == default
    assert not MirrorChange.objects.exists()


def test_who_may_change_lists_needs_no_more_for_their_entries(
    default: MirrorList,
) -> None:
    client = staff_who_may("view_mirrorlist", "change_mirrorlist")

    response = confirmed(client, change_address(default), **POETRY_TYPED)

    assert response.status_code == 302
    assert "poetry" in installers_of(default)
