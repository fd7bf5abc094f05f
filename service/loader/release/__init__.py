"""Reading a release from disk or a stream: what it holds, and each thing that cannot be read.

`open_release` finds the form (a folder, one document, or lines), judges what the release says of
itself, and yields its records in a stream. Whether a record is valid is judged elsewhere.
"""

from service.loader.release.base import Release
from service.loader.release.head import Options
from service.loader.release.items import End, Item, Part, Recognised, Removal, Run, place_of
from service.loader.release.malformed import Fault, Malformed
from service.loader.release.opening import open_release, open_stream, releases_in

__all__ = [
    "End",
    "Fault",
    "Item",
    "Malformed",
    "Options",
    "Part",
    "Recognised",
    "Release",
    "Removal",
    "Run",
    "open_release",
    "open_stream",
    "place_of",
    "releases_in",
]
