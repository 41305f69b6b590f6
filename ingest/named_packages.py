"""What the readers of requirements and lock files share."""

import codecs
import sys
from dataclasses import dataclass, field
from pathlib import Path

from ingest.exceptions import IngestError

STDIN = "-"
MAX_BYTES = 20_000_000
MAX_SHOWN = 80


class NamesFileError(IngestError):
    """A file of package names cannot be read; its text says which, and where."""


@dataclass
class NamedPackages:
    """The packages that a file names."""

    names: set[str] = field(default_factory=set)
    """Normalized."""
    skipped: list[str] = field(default_factory=list)
    """What names no package of an index, each as a sentence."""


def read_text(file: str) -> str:
    """Return a file's text, or that of standard input for ``-``."""
    try:
        content = _read_bytes(file)
    except OSError as error:
        message = f"{shown_name(file)} cannot be read: {error.strerror}."
        raise NamesFileError(message) from error
    if len(content) > MAX_BYTES:
        message = f"{shown_name(file)} is larger than {MAX_BYTES // 1_000_000} MB."
        raise NamesFileError(message)
    # Windows PowerShell writes UTF-16 for ``pip freeze > requirements.txt``.
    is_utf16 = content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    try:
        return content.decode("utf-16" if is_utf16 else "utf-8-sig")
    except UnicodeDecodeError as error:
        message = f"{shown_name(file)} is no text in UTF-8 or UTF-16."
        raise NamesFileError(message) from error


def shown_name(file: str) -> str:
    return "Standard input" if file == STDIN else _printable(file)


def shortened(text: str) -> str:
    shown = text if len(text) <= MAX_SHOWN else f"{text[:MAX_SHOWN]}..."
    return _printable(shown)


def _printable(text: str) -> str:
    """Return ``text`` without what a terminal would obey, or could not show."""
    return "".join(letter if letter.isprintable() else "?" for letter in text)


def _read_bytes(file: str) -> bytes:
    if file == STDIN:
        return sys.stdin.buffer.read(MAX_BYTES + 1)
    if not Path(file).is_file():
        message = f"{shown_name(file)} is no file."
        raise NamesFileError(message)
    with Path(file).open("rb") as opened:
        return opened.read(MAX_BYTES + 1)
