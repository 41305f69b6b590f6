"""A list's entries go into a CSV file and come back as they were."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from packages import entries_csv
from packages.entries_csv import EntriesFileError
from packages.list_states import EntryState

HEADER = b"installer,reason,evidence,valid_from,valid_until\r\n"
ENTRIES = (
    EntryState("Nexus", "", "", None, "2026-02-01"),
    EntryState("devpi", 'Caches, says "devpi"', "https://example.org/devpi"),
    EntryState("devpi", "Übernimmt alles", "", "2026-01-01", "2026-02-01"),
)
FORMULAS = ["=1+1", "+1", "-1", "@SUM(A1)", "'=1+1", "''", "'quoted'", "'", "a=b"]
PRINTED = st.text(
    st.characters(categories=["L", "N", "P", "S"]) | st.just(" "), max_size=20
).map(str.strip)


def faults(content: bytes) -> list[str]:
    with pytest.raises(EntriesFileError) as raised:
        entries_csv.read(content)
    return raised.value.sentences


def test_file_has_a_line_for_each_entry() -> None:
    assert entries_csv.write(ENTRIES) == (
        "installer,reason,evidence,valid_from,valid_until\r\n"
        "Nexus,,,,2026-02-01\r\n"
        'devpi,"Caches, says ""devpi""",https://example.org/devpi,,\r\n'
        "devpi,Übernimmt alles,,2026-01-01,2026-02-01\r\n"
    )


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_entries_come_back_as_they_were(mark: bytes) -> None:
    written = entries_csv.write(ENTRIES).encode()

    assert entries_csv.read(mark + written) == ENTRIES


@pytest.mark.parametrize("reason", FORMULAS)
def test_no_reason_is_a_formula_and_each_comes_back(reason: str) -> None:
    written = entries_csv.write([EntryState("devpi", reason)])

    field = written.splitlines()[1].split(",")[1]
    assert not field.startswith(("=", "+", "-", "@"))
    assert entries_csv.read(written.encode())[0].reason == reason


@given(PRINTED)
def test_every_reason_comes_back(reason: str) -> None:
    written = entries_csv.write([EntryState("devpi", reason)])

    assert entries_csv.read(written.encode()) == (EntryState("devpi", reason),)


def test_empty_lines_and_order_make_no_difference() -> None:
    content = HEADER + b"\ndevpi,,,,\n\nNexus , Proxy ,,,\n"

    assert entries_csv.read(content) == (
        EntryState("Nexus", "Proxy"),
        EntryState("devpi"),
    )


def test_header_alone_is_a_list_without_entries() -> None:
    assert entries_csv.read(HEADER) == ()


def test_every_wrong_line_is_named() -> None:
    content = HEADER + (
        b"devpi,,,,\n"
        b"devpi,again,,,\n"
        b"pip,,\n"
        b"=cmd,,,,\n"
        b",no name,,,\n"
        b"uv,,javascript:alert(1),,\n"
        b"uv,,,01.02.2026,\n"
        b"uv,,,2026-02-01,2026-01-01\n"
        b'uv,"two\nlines",,,\n'
    )

    assert faults(content) == [
        "Line 3: devpi is there twice from the same day on, first in line 2.",
        "Line 4: it has 3 columns, not 5.",
        (
            "Line 5: installer: '=cmd' is no installer's name: letters, digits, blanks"
            " and . _ + / - are allowed, the first a letter or digit."
        ),
        "Line 6: installer: This field cannot be blank.",
        "Line 7: evidence: Enter a valid URL.",
        "Line 8: valid_from is '01.02.2026', which is no day like 2026-01-31.",
        "Line 9: the last day is before the first.",
        "Line 11: reason has a control character.",
    ]


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "Line 1 must be: installer,reason,evidence,valid_from,valid_until."),
        (
            b"installer;reason\n",
            "Line 1 must be: installer,reason,evidence,valid_from,valid_until.",
        ),
        (HEADER + b"devpi,\xff,,,\n", "Line 2: it is not UTF-8."),
        (HEADER + b'devpi,"open,,,\n', "Line 2: it is no CSV: unexpected end of data."),
        (HEADER + b"x" * 70_000, "The file is larger than 64 KiB."),
        (
            HEADER + b"".join(b"p%d,,,,\n" % n for n in range(101)),
            "The file has 101 entries; at most 100 fit a list.",
        ),
        (HEADER + b"uv,\0,,,\n", "Line 2: reason has a control character."),
    ],
)
def test_file_that_is_no_list_is_refused(content: bytes, sentence: str) -> None:
    assert faults(content) == [sentence]


def test_many_faults_are_cut_short() -> None:
    sentences = faults(HEADER + b"x\n" * 25)

    assert len(sentences) == 21
    assert sentences[-1] == "5 more lines are wrong."
