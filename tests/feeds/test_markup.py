"""Markup of items holds text as text."""

from django.utils.safestring import mark_safe

from feeds.markup import table


def test_cells_are_escaped_once() -> None:
    link = mark_safe('<a href="x">a &amp; b</a>')

    assert table(("<i>", "Downloads"), [("\"a\" & 'b'", "1"), (link, "2")]) == (
        "<table><thead><tr><th>&lt;i&gt;</th><th>Downloads</th></tr></thead>"
        "<tbody><tr><td>&quot;a&quot; &amp; &#x27;b&#x27;</td><td>1</td></tr>"
        '<tr><td><a href="x">a &amp; b</a></td><td>2</td></tr></tbody></table>'
    )
