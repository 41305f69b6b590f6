"""Downloads in a few characters."""

import pytest

from api.badges.numbers import message, shortened
from packages.headline import Period


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        (0, "0"),
        (7, "7"),
        (999, "999"),
        (1000, "1k"),
        (1049, "1k"),
        (1050, "1.1k"),
        (1250, "1.3k"),
        (9949, "9.9k"),
        (9950, "10k"),
        (10_499, "10k"),
        (10_500, "11k"),
        (45_000, "45k"),
        (999_499, "999k"),
        (999_500, "1M"),
        (1_234_567, "1.2M"),
        (999_999_999, "1G"),
        (2_500_000_000, "2.5G"),
        (1_000_000_000_000, "1T"),
        (10**15, "1P"),
        (2**63 - 1, "9.2E"),
        (10**21, "1000E"),
    ],
)
def test_number_is_shortened(number: int, expected: str) -> None:
    assert shortened(number) == expected


@pytest.mark.parametrize(
    ("period", "expected"),
    [
        (Period.DAY, "1.2k/day"),
        (Period.WEEK, "1.2k/week"),
        (Period.MONTH, "1.2k/month"),
        (Period.TOTAL, "1.2k"),
    ],
)
def test_message_names_the_period(period: Period, expected: str) -> None:
    assert message(1234, period) == expected
