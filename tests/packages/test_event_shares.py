"""Two weeks tell which packages need no further look for passed shares."""

from itertools import product

import pytest

from packages.events.shares import Week, may_pass, passings

ALL = 1_000


def week(*of_312: float) -> list[Week]:
    """Weeks in which 3.12 has such shares, in per cent, and 2.7 has the rest."""
    counts = [round(10 * share) for share in of_312]
    return [{"3.12": count, "2.7": ALL - count} for count in counts]


@pytest.mark.parametrize(
    ("before", "now", "expected"),
    [
        (9.0, 10.5, True),
        (10.4, 10.5, True),
        (10.5, 10.6, False),
        (9.0, 10.4, False),
        (10.0, 9.4, True),
        (9.4, 9.3, False),
        (9.5, 9.4, True),
        (30, 30, False),
    ],
)
def test_share_may_be_passed(before: float, now: float, *, expected: bool) -> None:
    assert may_pass(*week(before, now)) is expected


def test_nothing_is_passed_where_two_weeks_say_that_nothing_may_be() -> None:
    found = 0
    for shares in product((9.4, 9.6, 10.4, 10.6), repeat=6):
        passed = list(passings(week(*shares)))
        found += bool(passed)
        assert may_pass(*week(*shares[-2:])) or not passed
    assert found > 1_000


def test_version_that_appears_may_pass() -> None:
    assert may_pass({"2.7": 100}, {"2.7": 50, "3.12": 50})
