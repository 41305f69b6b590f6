"""The history of the mirror lists: who, when, why, before and after."""

from datetime import UTC, datetime

import pytest
import time_machine
from django.db import IntegrityError
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from packages import mirror_changes
from packages.list_states import change_in_words, states_of, stored_state
from packages.mirror_changes import recorded
from packages.models import Generation, MirrorChange, MirrorList
from tests.packages.admin_forms import change_address, confirmed, opened, staff_who_may

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 19, 12, 30, tzinfo=UTC)
Told = list[tuple[str, str, str, list[str]]]


def default_list() -> MirrorList:
    return MirrorList.objects.get(is_default=True)


def told() -> Told:
    return [
        (c.list_name, c.user_name, c.reason, change_in_words(c))
        for c in MirrorChange.objects.all()
    ]


def test_edited_list_is_recorded_with_both_states(admin_client: Client) -> None:
    default = default_list()
    before = stored_state(default)

    with time_machine.travel(NOW, tick=False):
        confirmed(
            admin_client,
            change_address(default),
            **{
                "description": "Other words",
                "counts_unnamed": "on",
                "entries-0-DELETE": "on",
                "entries-1-reason": "Other",
                "entries-2-valid_until": "2026-02-01",
                "entries-4-installer": "uv",
                "entries-4-valid_from": "2026-01-01",
                "reason": "  because  ",
            },
        )

    change = MirrorChange.objects.get()
    assert change.changed_at == NOW
    assert states_of(change) == (before, stored_state(default_list()))
    assert told() == [
        (
            "pypistats",
            "admin",
            "because",
            [
                "description reworded",
                "unnamed installers count now",
                "added uv from 2026-01-01",
                "removed Artifactory",
                "reason or evidence of bandersnatch reworded",
                "changed devpi to devpi until 2026-02-01",
            ],
        )
    ]


def test_new_default_is_recorded_for_both_lists(admin_client: Client) -> None:
    chosen = MirrorList.objects.get(name="everything")
    address = change_address(chosen, "make-default")

    admin_client.post(address, opened(admin_client, address))

    assert sorted(told()) == [
        ("everything", "admin", "tried here", ["became the default"]),
        ("pypistats", "admin", "tried here", ["is the default no more"]),
    ]


def test_created_imported_and_deleted_lists_are_recorded(admin_client: Client) -> None:
    add = "/admin/packages/mirrorlist/add/"
    confirmed(admin_client, add, name="mine", **{"entries-0-installer": "uv"})
    made = MirrorList.objects.get(name="mine")
    text = "installer,reason,evidence,valid_from,valid_until\npip,,,,\n"
    confirmed(admin_client, change_address(made, "import"), text=text)
    delete = change_address(made, "delete")
    admin_client.post(delete, opened(admin_client, delete))

    assert told() == [
        ("mine", "admin", "tried here", ["list deleted"]),
        ("mine", "admin", "tried here", ["added pip", "removed uv"]),
        ("mine", "admin", "tried here", ["list created", "added uv"]),
    ]


def test_change_that_changes_nothing_leaves_no_trace(admin_client: Client) -> None:
    confirmed(admin_client, change_address(default_list()))

    assert told() == []


def test_failed_change_leaves_no_trace() -> None:
    def fail_half_way() -> None:
        with recorded("admin", "tried"):
            default_list().entries.create(installer="uv")
            default_list().entries.create(installer="")

    with pytest.raises(IntegrityError):
        fail_half_way()

    assert told() == []
    assert not default_list().entries.filter(installer="uv").exists()


@pytest.mark.parametrize(
    ("name", "values", "called"),
    [
        ("pypistats", {"counts_unnamed": True}, True),
        ("pypistats", {"description": "Other words"}, False),
        ("everything", {"counts_unnamed": False}, False),
        ("everything", {"is_default": True}, True),
    ],
)
def test_what_the_default_counts_is_recomputed_only_when_it_changes(
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    values: dict[str, object],
    *,
    called: bool,
) -> None:
    calls: list[None] = []
    monkeypatch.setattr(
        mirror_changes, "default_list_changed", lambda: calls.append(None)
    )

    with recorded("admin", "tried"):
        if "is_default" in values:
            MirrorList.objects.get(name=name).become_default()
        else:
            MirrorList.objects.filter(name=name).update(**values)

    assert len(calls) == called


def test_changed_default_starts_a_generation() -> None:
    before = Generation.current().number

    with recorded("admin", "tried"):
        MirrorList.objects.filter(is_default=True).update(counts_unnamed=True)

    assert Generation.current().number == before + 1


def test_history_is_read_and_never_written(admin_client: Client) -> None:
    confirmed(admin_client, change_address(default_list()), description="<b>")
    change = MirrorChange.objects.get()
    address = f"/admin/packages/mirrorchange/{change.pk}"

    shown = admin_client.get(f"{address}/change/").content.decode()
    listed = admin_client.get("/admin/packages/mirrorchange/?list_name=pypistats")
    refused = [
        admin_client.post(f"{address}/change/", {"reason": "x"}).status_code,
        admin_client.post(f"{address}/delete/", {"post": "yes"}).status_code,
        admin_client.get("/admin/packages/mirrorchange/add/").status_code,
    ]

    assert "<br>description: &lt;b&gt;<br>is_default: True<br>" in shown
    assert "tried here" in listed.content.decode()
    assert refused == [403, 403, 403]
    assert MirrorChange.objects.get().reason == "tried here"


def test_history_is_shown_to_who_may_see_it() -> None:
    page = "/admin/packages/mirrorchange/"
    client = staff_who_may("view_mirrorlist")
    refused = client.get(page).status_code
    client.logout()

    seeing = staff_who_may("view_mirrorchange", name="other").get(page).status_code

    assert (refused, seeing) == (403, 200)


def test_about_page_tells_when_and_why_and_not_who(
    admin_client: Client, client: Client
) -> None:
    with time_machine.travel(NOW, tick=False):
        confirmed(admin_client, change_address(default_list()), counts_unnamed="on")

    page = " ".join(client.get("/about").content.decode().split())

    assert "Changes of the lists" in page
    assert "tried here" in page
    assert "unnamed installers count now" in page
    assert "2026-11-19" in page
    assert "admin" not in page


@pytest.mark.usefixtures("_nothing_kept")
@pytest.mark.parametrize("changes", [1, 3])
def test_about_page_needs_no_query_per_change(
    client: Client, changes: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(changes):
        with recorded("admin", "tried"):
            default_list().entries.create(installer=f"p{number}")
    client.get("/about")

    # The generation, lists, entries, changes.
    with django_assert_num_queries(4):
        client.get("/about")


def test_user_and_list_may_go_and_the_history_stays(admin_client: Client) -> None:
    chosen = MirrorList.objects.get(name="everything")
    confirmed(admin_client, change_address(chosen), description="Other")
    chosen.delete()

    assert told() == [("everything", "admin", "tried here", ["description reworded"])]
