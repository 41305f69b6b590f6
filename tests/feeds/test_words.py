"""How numbers and their change are spelled: never more than is true."""

import pytest

from feeds.words import change, plain, share


@pytest.mark.parametrize(
    ("now", "before", "said"),
    [
        (7, 7, "unchanged"),
        (103, 100, "up 3.0 %"),
        (100_000, 100_001, "almost unchanged"),
        (100, 9, "11 times as many"),
        (1, 3, "down 66.7 %"),
        (0, 9, "down 100.0 %"),
        (10, 100_000, "down more than 99.9 %"),
        (1000, 100_000, "down 99.0 %"),
    ],
)
def test_change(now: int, before: int, said: str) -> None:
    assert change(now, before) == said


@pytest.mark.parametrize(
    ("part", "said"),
    [
        (100_000, "100.0 %"),
        (99_999, "more than 99.9 %"),
        (99_900, "99.9 %"),
        (50, "0.1 %"),
        (1, "less than 0.1 %"),
        (0, "0.0 %"),
    ],
)
def test_share_of_a_hundred_thousand(part: int, said: str) -> None:
    assert share(part, 100_000) == said


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("R&D", "R&D"),
        ("5 < 6 & more", "5 \u2039 6 & more"),
        ("<b>x</b>", "\u2039b\u203ax\u2039/b\u203a"),
        ("&lt;b&#62;", "& lt;b& #62;"),
        (" two\r\n\x0blines\N{NO-BREAK SPACE}x\0 ", "two lines x"),
        ("a\u202eb\ufffec", "abc"),
    ],
)
def test_title_is_one_line_that_nobody_takes_for_html(text: str, line: str) -> None:
    assert plain(text) == line
