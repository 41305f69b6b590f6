"""Feeds of many packages as OPML, which feed readers import in one go."""

from xml.etree import ElementTree

from django.urls import reverse

from feeds.channels import Format, absolute
from feeds.choices import Choice
from feeds.listing import Listed

CONTENT_TYPE = "text/x-opml; charset=utf-8"
FILE_NAME = "downloads.opml"
MOST_PACKAGES = 1000


def opml(listed: Listed, choice: Choice) -> bytes:
    """Return the subscriptions to each package's feed; a body needs an outline."""
    root = ElementTree.Element("opml", version="2.0")
    head = ElementTree.SubElement(root, "head")
    ElementTree.SubElement(head, "title").text = "Downloads of Python packages"
    body = ElementTree.SubElement(root, "body")
    if not listed.names:
        ElementTree.SubElement(body, "outline", text=listed.nothing)
    for name in listed.names:
        path = reverse("feeds:package-page", args=[name])
        ElementTree.SubElement(
            body,
            "outline",
            type="rss",
            text=f"Downloads of {name}",
            title=f"Downloads of {name}",
            xmlUrl=absolute(f"{path}.{Format.RSS}", choice.query()),
            htmlUrl=absolute(path, choice.query()),
        )
    ElementTree.indent(root)
    text: bytes = ElementTree.tostring(root, "utf-8", xml_declaration=True)
    return text
