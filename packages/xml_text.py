"""What XML 1.0 can hold: not every character that a text may have."""

import re

_NOT_IN_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def fits_xml(text: str) -> bool:
    return _NOT_IN_XML.search(text) is None


def xml_text(text: str) -> str:
    """Return ``text`` without the characters that would make a document no XML."""
    return _NOT_IN_XML.sub("", text)
