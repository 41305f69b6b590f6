"""The entries of a mirror list as a CSV file, written and read without a loss."""

import csv
import io
from collections.abc import Iterable, Iterator
from datetime import date

from django.core.exceptions import ValidationError

from packages.exceptions import DownloadsError
from packages.list_states import EntryState
from packages.models import MirrorEntry
from packages.models.mirrors import MAX_ENTRIES

COLUMNS = ("installer", "reason", "evidence", "valid_from", "valid_until")
MAX_BYTES = 64 * 1024
SHOWN_ERRORS = 20

_FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""What makes a spreadsheet take a text for a formula; an apostrophe prevents it."""


class EntriesFileError(DownloadsError):
    """A file that is no list of entries; ``sentences`` name each line and its fault."""

    def __init__(self, sentences: list[str]) -> None:
        self.sentences = sentences[:SHOWN_ERRORS]
        if len(sentences) > SHOWN_ERRORS:
            more = len(sentences) - SHOWN_ERRORS
            self.sentences.append(f"{more} more lines are wrong.")
        super().__init__(" ".join(self.sentences))


def write(entries: Iterable[EntryState]) -> str:
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    for entry in entries:
        writer.writerow([_guarded(getattr(entry, name) or "") for name in COLUMNS])
    return text.getvalue()


def read(content: bytes) -> tuple[EntryState, ...]:
    """Return the entries of a file; raise ``EntriesFileError`` for any fault in it."""
    lines = list(_lines(_text(content)))
    if not lines or tuple(lines[0][1]) != COLUMNS:
        raise EntriesFileError([f"Line 1 must be: {','.join(COLUMNS)}."])
    found = len(lines) - 1
    if found > MAX_ENTRIES:
        sentence = f"The file has {found} entries; at most {MAX_ENTRIES} fit a list."
        raise EntriesFileError([sentence])
    return _entries(lines[1:])


def _text(content: bytes) -> str:
    if len(content) > MAX_BYTES:
        raise EntriesFileError([f"The file is larger than {MAX_BYTES // 1024} KiB."])
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise EntriesFileError([f"Line {line}: it is not UTF-8."]) from error


def _lines(text: str) -> Iterator[tuple[int, list[str]]]:
    """Each line that is not empty, with its number."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        for row in reader:
            if row:
                yield reader.line_num, [_unguarded(value).strip() for value in row]
    except csv.Error as error:
        sentence = f"Line {reader.line_num}: it is no CSV: {error}."
        raise EntriesFileError([sentence]) from error


def _entries(lines: list[tuple[int, list[str]]]) -> tuple[EntryState, ...]:
    entries: dict[tuple[str, str], EntryState] = {}
    first_line: dict[tuple[str, str], int] = {}
    faults = []
    for number, row in lines:
        try:
            entry = _entry(row)
        except ValueError as error:
            faults.append(f"Line {number}: {error}")
            continue
        if entry.key in entries:
            faults.append(
                f"Line {number}: {entry.installer} is there twice from the same day"
                f" on, first in line {first_line[entry.key]}."
            )
        entries[entry.key] = entry
        first_line.setdefault(entry.key, number)
    if faults:
        raise EntriesFileError(faults)
    return tuple(entries[key] for key in sorted(entries))


def _entry(row: list[str]) -> EntryState:
    if len(row) != len(COLUMNS):
        message = f"it has {len(row)} columns, not {len(COLUMNS)}."
        raise ValueError(message)
    values = dict(zip(COLUMNS, row, strict=True))
    for name, value in values.items():
        if any(not character.isprintable() for character in value):
            message = f"{name} has a control character."
            raise ValueError(message)
    entry = MirrorEntry(
        installer=values["installer"],
        reason=values["reason"],
        evidence=values["evidence"],
        valid_from=_day("valid_from", values),
        valid_until=_day("valid_until", values),
    )
    _check(entry)
    return EntryState.of(entry)


def _day(name: str, values: dict[str, str]) -> date | None:
    try:
        return date.fromisoformat(values[name]) if values[name] else None
    except ValueError as error:
        message = f"{name} is {values[name]!r}, which is no day like 2026-01-31."
        raise ValueError(message) from error


def _check(entry: MirrorEntry) -> None:
    if entry.valid_from and entry.valid_until and entry.valid_until < entry.valid_from:
        message = "the last day is before the first."
        raise ValueError(message)
    try:
        entry.full_clean(exclude={"mirror_list"}, validate_constraints=False)
    except ValidationError as error:
        faults = [
            f"{name}: {' '.join(messages)}"
            for name, messages in error.message_dict.items()
        ]
        raise ValueError(" ".join(faults)) from error


def _guarded(value: str) -> str:
    return f"'{value}" if value.startswith((*_FORMULA, "'")) else value


def _unguarded(value: str) -> str:
    """Take the apostrophe off that ``_guarded`` put there, and no other."""
    return value[1:] if value[:1] == "'" and value[1:2] in {*_FORMULA, "'"} else value
