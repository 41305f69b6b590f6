"""The admin answers whatever its addresses say, on every database."""

from datetime import date

import pytest
from django.contrib import admin
from django.test import Client
from django.urls import reverse

from tests.factories import PIP_311, count_day

pytestmark = pytest.mark.django_db
HUGE = "99999999999"


@pytest.fixture
def staff(admin_client: Client) -> Client:
    admin_client.raise_request_exception = False
    return admin_client


def lists() -> list[str]:
    return [
        reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
        for model in admin.site._registry
    ]


def filters() -> list[str]:
    """The address of every filter of every list, without its value."""
    return [
        f"{address}?{name if isinstance(name, str) else name[0]}"
        for address, shown in zip(lists(), admin.site._registry.values(), strict=True)
        for name in shown.list_filter
        if isinstance(name, (str, tuple))
    ]


def test_nul_in_any_filter_or_search_is_refused(staff: Client) -> None:
    addresses = [f"{address}=%00" for address in filters()]
    addresses += [f"{address}?q=a%00b" for address in lists()]
    addresses += [f"{address}?%00=1" for address in lists()]

    statuses = {address: staff.get(address).status_code for address in addresses}

    assert statuses == dict.fromkeys(addresses, 400)
    assert "/admin/packages/countedday/?status=%00" in addresses


def test_nul_in_a_key_is_refused(staff: Client) -> None:
    assert staff.get("/admin/django_q/success/%00/change/").status_code == 400


@pytest.mark.parametrize("field", ["countedday/?day", "incident/?first_day"])
def test_dates_beyond_any_calendar_are_refused(staff: Client, field: str) -> None:
    count_day(date(2026, 11, 18), {"django": {PIP_311: 1}})
    address = f"/admin/packages/{field}"

    assert staff.get(f"{address}__year={HUGE}").status_code == 400
    assert staff.get(f"{address}__year=2026").status_code == 200
    name = field.partition("?")[2]
    within = f"{address}__year=2026&{name}__month"
    assert staff.get(f"{within}={HUGE}").status_code == 400
    assert staff.get(f"{within}=11&{name}__day={HUGE}").status_code == 400


def test_number_beyond_any_integer_is_refused(staff: Client) -> None:
    address = "/admin/auth/user/?groups__gte"

    assert staff.get(f"{address}={HUGE * 3}").status_code == 400


def test_other_values_are_looked_up(staff: Client) -> None:
    addresses = [f"{address}?q=django" for address in lists()]
    addresses.append(f"/admin/packages/package/?q={HUGE * 3}x")

    statuses = {address: staff.get(address).status_code for address in addresses}

    assert statuses == dict.fromkeys(addresses, 200)
