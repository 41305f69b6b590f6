"""What is counted: packages, clients, downloads, the day ledger, lists, events."""

from packages.models.changes import MirrorChange
from packages.models.downloads import Client, DownloadRecord, Package
from packages.models.events import Event
from packages.models.files import File
from packages.models.incidents import Incident
from packages.models.ledger import CountedDay, Generation
from packages.models.mirrors import MirrorEntry, MirrorList
from packages.models.recounts import RecountedPackage
from packages.models.removed import RemovedPackage
from packages.models.standings import Standing, StandingsState
from packages.models.tokens import ApiToken
from packages.models.watchlists import Watchlist

__all__ = [
    "ApiToken",
    "Client",
    "CountedDay",
    "DownloadRecord",
    "Event",
    "File",
    "Generation",
    "Incident",
    "MirrorChange",
    "MirrorEntry",
    "MirrorList",
    "Package",
    "RecountedPackage",
    "RemovedPackage",
    "Standing",
    "StandingsState",
    "Watchlist",
]
