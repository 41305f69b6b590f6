"""What clients say of themselves is bounded."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from packages import clients
from packages.clients import ClientKey, bounded, register
from packages.models import Client

TEXT = st.none() | st.text()


@given(TEXT, TEXT, TEXT, st.booleans())
def test_any_client_fits_the_table(
    installer: str | None, python: str | None, system: str | None, ci: bool
) -> None:
    key = bounded(ClientKey(installer, python, system, ci))

    limits = {"installer": 64, "python": 16, "system": 32}
    for name, limit in limits.items():
        value = getattr(key, name)
        assert len(value) <= limit
        assert value.isascii()


@given(TEXT, TEXT, TEXT, st.booleans())
def test_bounded_values_are_not_bounded_further(
    installer: str | None, python: str | None, system: str | None, ci: bool
) -> None:
    once = bounded(ClientKey(installer, python, system, ci))

    assert bounded(ClientKey(once.installer or None, *once[1:]))[0] == once.installer


@pytest.mark.django_db
def test_same_client_has_the_same_id() -> None:
    key = ClientKey("pip", "3.11", "Linux", ci=False)

    first, second = register([key])[key], register([key])[key]

    assert first == second
    assert Client.objects.count() == 1


@pytest.mark.django_db
def test_full_table_counts_new_installers_as_other(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(clients, "MAX_CLIENTS", 1)
    known = ClientKey("pip", "3.11", "Linux", ci=False)
    hostile = [ClientKey(f"evil{n}", "3.11", "Linux", ci=False) for n in range(50)]

    ids = register([known, *hostile])

    assert Client.objects.get(id=ids[known]).installer == "pip"
    assert {Client.objects.get(id=ids[key]).installer for key in hostile} == {"other"}
    assert Client.objects.count() == 2


@pytest.mark.django_db
def test_mirror_stays_a_mirror_in_a_full_table(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clients, "MAX_CLIENTS", 1)
    first = ClientKey("pip", "3.11", "Linux", ci=False)
    mirror = ClientKey("bandersnatch", "3.8", "Linux", ci=False)
    malformed = ClientKey("evil", "three", "Linux", ci=False)

    ids = register([first, mirror, malformed])

    kept = {key: Client.objects.get(id=number) for key, number in ids.items()}
    assert kept[mirror].installer == "bandersnatch"
    assert (kept[malformed].installer, kept[malformed].python) == ("other", "invalid")


@pytest.mark.parametrize(
    ("sent", "kept"), [(None, ""), ("", "other"), ("Linux", "Linux"), ("x", "other")]
)
def test_system(sent: str | None, kept: str) -> None:
    assert bounded(ClientKey("pip", "3.11", sent, ci=False)).system == kept
