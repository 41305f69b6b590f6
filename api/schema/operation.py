"""What is told of one method at one address, in the document and in the manual."""

from collections.abc import Mapping
from dataclasses import dataclass

from api.schema.parameters import COMMON

JSON, CSV, GZIP = "application/json", "text/csv", "application/gzip"
SVG, YAML = "image/svg+xml", "application/yaml"


@dataclass(frozen=True, slots=True)
class Operation:
    """One method at one address."""

    key: str
    """Its identifier: in the document, and as an anchor of the manual."""
    group: str
    summary: str
    text: str
    answer: str | None
    """The name of its shape; None for what is no JSON."""
    example: object
    parameters: tuple[str, ...] = ()
    media: tuple[str, ...] = (JSON,)
    may_be_unknown: bool = False
    is_public: bool = True
    """Whether its answers are kept by caches, with validators."""
    is_counted_here: bool = True
    """Whether every package has it; the manual links to no answer that may lack."""
    body: Mapping[str, object] | None = None
    """An example of what is sent."""
    query: str = ""
    """What the manual's example asks for."""

    @property
    def own_parameters(self) -> list[str]:
        """Those that the manual describes here, not once for all."""
        shared = {"package", *COMMON}
        return [name for name in self.parameters if name not in shared]

    @property
    def common_parameters(self) -> list[str]:
        return [name for name in self.parameters if name in COMMON]
