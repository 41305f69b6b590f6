"""Users follow packages in the admin: each has a list of their own."""

import re

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from packages.following import follow, unfollow
from packages.models import Package, Watchlist
from packages.models.watchlists import MOST_FOLLOWED
from tests.packages.admin_forms import staff_who_may

pytestmark = pytest.mark.django_db
PAGE = "/admin/packages/watchlist/"
PACKAGES = "/admin/packages/package/"


@pytest.fixture
def staff() -> Client:
    return staff_who_may("view_package")


def followed(name: str = "staff") -> list[str]:
    packages = Package.objects.filter(watchlists__user__username=name)
    return [package.normalized_name for package in packages]


def tracked() -> list[str]:
    return [package.normalized_name for package in Package.objects.tracked()]


def typed(client: Client, names: str) -> HttpResponse:
    response = client.post(PAGE, {"names": names}, follow=True)
    assert isinstance(response, HttpResponse)
    return response


def act(client: Client, action: str, *packages: Package) -> str:
    data = {"action": action, "_selected_action": [one.pk for one in packages]}
    page = client.post(PACKAGES, data, follow=True).content.decode()
    return "".join(re.findall(r'<li class="info">([^<]*)<', page))


def test_names_are_followed_as_people_write_them(staff: Client) -> None:
    page = typed(staff, " Django,zope.Interface\r\n\tflask  django,, ").content.decode()

    assert followed() == ["django", "flask", "zope-interface"]
    assert tracked() == ["django", "flask", "zope-interface"]
    assert "You follow 3 packages more" in page
    assert typed(staff, "flask six").content.count(b"You follow 1 package more") == 1


def test_followed_package_is_tracked_again() -> None:
    user = User.objects.create_user("ada")
    follow(user, ["django"])
    Package.objects.update(tracked=False)

    assert follow(user, ["django"]) == 0

    assert tracked() == ["django"]


@pytest.mark.parametrize(
    ("names", "message"),
    [
        ("django, a/b", "No package can be called &#x27;a/b&#x27;: letters, digits"),
        ("<script>alert(1)</script>", "&#x27;&lt;script&gt;alert(1)&lt;/script&gt;"),
        ("__all__", "No package can be called &#x27;__all__&#x27;:"),
        ("-x", "No package can be called &#x27;-x&#x27;:"),
        ("x" * 256, f"No package can be called &#x27;{'x' * 39}…&#x27;:"),
        ("pythön", "No package can be called &#x27;pythön&#x27;:"),
        ("a\x1bb", "No package can be called &#x27;a\\x1bb&#x27;:"),
        ("a\0b", "Null characters are not allowed."),
        (", ,", "No name is given; write some, as in django, flask."),
        ("  ", "This field is required."),
    ],
)
def test_wrong_name_refuses_all_and_keeps_the_text(
    staff: Client, names: str, message: str
) -> None:
    page = typed(staff, names).content.decode()

    assert message in page
    assert "<script>alert" not in page
    assert not Package.objects.exists()
    assert not Watchlist.objects.exists()


def test_list_has_a_limit(staff: Client) -> None:
    names = [f"p{number}" for number in range(MOST_FOLLOWED)]
    assert b"You follow 1000 packages more" in typed(staff, " ".join(names)).content

    page = typed(staff, "p1 one-more").content.decode()

    assert "One user may follow 1,000 packages at most" in page
    assert "p1 one-more</textarea>" in page
    assert len(followed()) == MOST_FOLLOWED
    assert not Package.objects.filter(normalized_name="one-more").exists()
    assert typed(staff, "p1 p2").content.count(b"You follow 0 packages more") == 1


def test_unfollowed_package_stays_tracked(staff: Client) -> None:
    typed(staff, "django flask")

    page = staff.post(f"{PAGE}unfollow/", {"name": "Django"}, follow=True)

    assert b"You do not follow 1 package any more" in page.content
    assert (followed(), tracked()) == (["flask"], ["django", "flask"])


@pytest.mark.parametrize("name", ["a\0b", "nobody", "", "__all__", "x" * 5000])
def test_unfollowing_what_is_not_followed_changes_nothing(
    staff: Client, name: str
) -> None:
    typed(staff, "django")

    response = staff.post(f"{PAGE}unfollow/", {"name": name})

    assert response.status_code == 302
    assert followed() == ["django"]
    assert staff.get(f"{PAGE}unfollow/").status_code == 405


def test_selected_packages_are_followed_and_not_any_more(staff: Client) -> None:
    django = Package.objects.create(normalized_name="django")
    flask = Package.objects.create(normalized_name="flask")

    told = act(staff, "follow", django, flask)
    assert told == "You follow 2 packages more; see Packages I follow."
    assert (followed(), tracked()) == (["django", "flask"], ["django", "flask"])

    told = act(staff, "unfollow", django)
    assert told == "You do not follow 1 package any more; they stay tracked."
    assert (followed(), tracked()) == (["flask"], ["django", "flask"])


def test_more_than_the_most_are_not_selected(staff: Client) -> None:
    Package.objects.bulk_create(
        Package(normalized_name=f"p{number}") for number in range(MOST_FOLLOWED + 1)
    )
    data = {
        "action": "follow",
        "select_across": "1",
        "_selected_action": Package.objects.all()[0].pk,
    }

    page = staff.post(PACKAGES, data, follow=True).content.decode()

    assert "One user may follow 1,000 packages at most" in page
    assert followed() == tracked() == []


def test_of_all_packages_those_that_are_followed_are_followed_no_more(
    staff: Client,
) -> None:
    Package.objects.bulk_create(
        Package(normalized_name=f"p{number}") for number in range(MOST_FOLLOWED + 1)
    )
    typed(staff, "zope-interface")
    data = {
        "action": "unfollow",
        "select_across": "1",
        "_selected_action": Package.objects.all()[0].pk,
    }

    page = staff.post(PACKAGES, data, follow=True).content.decode()

    assert "You do not follow 1 package any more" in page
    assert followed() == []


def test_users_see_and_change_their_own_list_alone(staff: Client) -> None:
    typed(staff, "django")
    other = staff_who_may("view_package", name="other")
    typed(other, "flask")
    key = Watchlist.objects.get(user__username="staff").key

    page = other.get(PAGE).content.decode()
    other.post(f"{PAGE}unfollow/", {"name": "django"})
    act(other, "unfollow", Package.objects.get(normalized_name="django"))
    other.post(f"{PAGE}new-address/")

    assert "flask" in page
    assert "django" not in page
    assert key not in page
    assert (followed("staff"), followed("other")) == (["django"], ["flask"])
    assert Watchlist.objects.get(user__username="staff").key == key


def test_page_shows_the_addresses(staff: Client) -> None:
    assert "/feeds/users/" not in staff.get(PAGE).content.decode()
    assert not Watchlist.objects.exists()

    typed(staff, "django")

    page = staff.get(PAGE)
    feed = f"http://127.0.0.1:8000/feeds/users/{Watchlist.objects.get().key}"
    assert re.findall(r'value="(http[^"]*)"', page.content.decode()) == [
        f"{feed}.{ending}" for ending in ("rss", "atom", "json", "opml")
    ]
    assert "no-store" in page["Cache-Control"]


def test_address_is_renewed_once_confirmed(staff: Client) -> None:
    assert staff.post(f"{PAGE}new-address/").status_code == 404
    typed(staff, "django")
    before = Watchlist.objects.get().key

    asked = staff.get(f"{PAGE}new-address/").content.decode()
    assert "ends at once and for good" in asked
    assert Watchlist.objects.get().key == before

    page = staff.post(f"{PAGE}new-address/", follow=True).content.decode()
    key = Watchlist.objects.get().key
    assert key != before
    assert re.fullmatch("[0-9a-f]{32}", key)
    assert f"/feeds/users/{key}.rss" in page
    assert before not in page
    assert followed() == ["django"]


def test_untracked_package_is_marked(staff: Client) -> None:
    typed(staff, "django")
    assert b"not tracked any more" not in staff.get(PAGE).content

    Package.objects.update(tracked=False)

    assert b"not tracked any more" in staff.get(PAGE).content


@pytest.mark.parametrize("path", ["", "unfollow/", "new-address/"])
def test_who_may_not_see_packages_follows_none(path: str) -> None:
    client = staff_who_may("view_client")

    assert client.post(PAGE + path, {"names": "django"}).status_code == 403
    assert not Package.objects.exists()
    assert b"Packages I follow" not in client.get("/admin/").content


@pytest.mark.parametrize("path", ["", "unfollow/", "new-address/"])
def test_who_is_not_logged_in_is_sent_to_do_so(client: Client, path: str) -> None:
    response = client.post(PAGE + path, {"names": "django"})

    assert response.status_code == 302
    assert response["Location"].startswith(f"{reverse('admin:login')}?next=")
    assert client.get(reverse("admin:login")).status_code == 200


@pytest.mark.parametrize("path", ["", "unfollow/", "new-address/"])
def test_requests_forged_by_other_sites_are_refused(path: str) -> None:
    staff_who_may("view_package")
    client = Client(enforce_csrf_checks=True)
    client.force_login(User.objects.get())

    assert client.post(PAGE + path, {"names": "django"}).status_code == 403
    assert not Watchlist.objects.exists()


def test_index_of_the_admin_leads_to_the_page(staff: Client) -> None:
    page = staff.get("/admin/").content.decode()

    assert re.search(rf'<a href="{PAGE}"[^>]*>Packages I follow</a>', page)
    assert f"{PAGE}add/" not in page


def test_page_needs_no_query_per_package(staff: Client) -> None:
    def queries() -> int:
        with CaptureQueriesContext(
            connection,
        ) as captured:
            staff.get(PAGE)
        return len(captured)

    typed(staff, "django")
    few = queries()
    typed(staff, "flask six attrs")

    assert queries() == few


def test_who_may_delete_a_user_deletes_the_list() -> None:
    user = User.objects.create_user("ada")
    follow(user, ["django"])
    client = staff_who_may("view_user", "delete_user")

    address = f"/admin/auth/user/{user.pk}/delete/"
    assert b"would require deleting" not in client.get(address).content
    assert client.post(address, {"post": "yes"}).status_code == 302

    assert not Watchlist.objects.exists()
    assert tracked() == ["django"]


def test_followed_package_can_be_removed(admin_client: Client) -> None:
    follow(User.objects.get(username="admin"), ["django", "flask"])
    django = Package.objects.get(normalized_name="django")

    admin_client.post(f"{PACKAGES}{django.pk}/delete/", {"post": "yes"})

    assert followed("admin") == ["flask"]


def test_unfollowing_without_a_list_is_nothing() -> None:
    assert unfollow(User.objects.create_user("ada"), ["django"]) == 0
