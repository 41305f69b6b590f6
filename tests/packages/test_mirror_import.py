"""A list's entries as a CSV file in the admin."""

from datetime import date

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from packages import stats
from packages.list_states import stored_state
from packages.models import MirrorList
from tests.factories import MIRROR, PIP_311, POETRY, count_day
from tests.packages.admin_forms import change_address, confirmed, fields_of, opened

pytestmark = pytest.mark.django_db
HEADER = "installer,reason,evidence,valid_from,valid_until\r\n"
STALE = "Somebody else has changed mirror lists since you opened this page"


@pytest.fixture
def default() -> MirrorList:
    cells = {PIP_311: 10, POETRY: 4, MIRROR: 5}
    count_day(date(2026, 11, 18), {"django": cells})
    return MirrorList.objects.get(is_default=True)


def file_of(text: str) -> SimpleUploadedFile:
    return SimpleUploadedFile("entries.csv", text.encode("utf-8-sig"))


def test_exported_file_comes_back_as_it_was(
    admin_client: Client, default: MirrorList
) -> None:
    default.entries.create(installer="uv", reason="=1+1", valid_from="2026-01-01")
    before = stored_state(default)

    exported = admin_client.get(change_address(default, "export"))
    target = MirrorList.objects.get(name="everything")
    response = confirmed(
        admin_client,
        change_address(target, "import"),
        file=SimpleUploadedFile("pypistats.csv", exported.content),
    )

    assert exported["Content-Type"] == "text/csv; charset=utf-8"
    assert exported["Content-Disposition"] == 'attachment; filename="pypistats.csv"'
    assert exported.content.startswith(HEADER.encode())
    assert response.status_code == 302
    assert stored_state(target).entries == before.entries


def test_file_is_previewed_and_kept_as_text(
    admin_client: Client, default: MirrorList
) -> None:
    address = change_address(default, "import")
    text = HEADER + "devpi,Proxy,,,\r\npoetry,<b>,,,\r\n"
    typed = opened(admin_client, address, file=file_of(text))

    page = admin_client.post(address, typed)

    shown = page.content.decode()
    assert "<strong>9</strong> downloads go in or out" in shown
    assert "<li>added poetry</li>" in shown
    assert "<li>removed bandersnatch</li>" in shown
    assert fields_of(page.content)["text"] == text
    assert fields_of(page.content)["reason"] == "tried here"
    assert default.entries.count() == 4


def test_confirmed_file_takes_the_place_of_the_entries(
    admin_client: Client, default: MirrorList
) -> None:
    text = HEADER + "poetry,Because,,2026-01-01,\r\n"

    confirmed(admin_client, change_address(default, "import"), file=file_of(text))

    entry = default.entries.get()
    assert (entry.installer, entry.reason) == ("poetry", "Because")
    assert entry.valid_from == date(2026, 1, 1)
    assert stats.history("django").recent().last_day == 15


def test_wrong_file_is_refused_line_by_line_and_can_be_mended(
    admin_client: Client, default: MirrorList
) -> None:
    address = change_address(default, "import")
    text = HEADER + "devpi,,,,\r\n<b>,,,,\r\nuv,,,tomorrow,\r\n"

    page = admin_client.post(address, opened(admin_client, address, file=file_of(text)))

    shown = page.content.decode()
    assert "Line 3: installer: &#x27;&lt;b&gt;&#x27; is no installer" in shown
    assert "Line 4: valid_from is &#x27;tomorrow&#x27;" in shown
    assert "list-preview" not in shown
    assert fields_of(page.content)["text"] == text
    assert default.entries.count() == 4


def test_text_changed_after_its_preview_is_previewed_again(
    admin_client: Client, default: MirrorList
) -> None:
    address = change_address(default, "import")
    typed = opened(admin_client, address, text=HEADER + "uv,,,,\r\n")
    sent = fields_of(admin_client.post(address, typed).content)

    page = admin_client.post(address, sent | {"text": HEADER + "pip,,,,\r\n"})

    assert "<li>added pip</li>" in page.content.decode()
    assert default.entries.count() == 4


def test_import_needs_a_reason_and_a_file(
    admin_client: Client, default: MirrorList
) -> None:
    address = change_address(default, "import")

    page = admin_client.post(address, opened(admin_client, address, reason=""))

    assert page.content.decode().count("errorlist") == 2
    assert b"This field is required." in page.content
    assert b"Line 1 must be: installer,reason" in page.content
    assert default.entries.count() == 4


def test_import_does_not_undo_another_admin(
    admin_client: Client, default: MirrorList
) -> None:
    address = change_address(default, "import")
    typed = opened(admin_client, address, text=HEADER)
    sent = fields_of(admin_client.post(address, typed).content)
    default.entries.create(installer="uv")

    page = admin_client.post(address, sent)

    assert STALE in page.content.decode()
    assert default.entries.count() == 5
