"""What a server said of a release when it was last published from there: its validators."""

from typing import NamedTuple

from service.store.database import Database


class Download(NamedTuple):
    """The run that published a release from a URL, and what tells whether it changed there."""

    ingestion: str
    etag: str | None
    last_modified: str | None


def find(db: Database, key: str) -> Download | None:
    """Return what is known of a download."""
    row = db.row("SELECT ingestion, etag, last_modified FROM downloads WHERE key = ?", (key,))
    return Download(*row) if row else None


def remember(db: Database, key: str, download: Download) -> None:
    """Keep the validators of a download instead of earlier ones."""
    with db.writing():
        db.run("DELETE FROM downloads WHERE key = ?", (key,))
        db.run(
            "INSERT INTO downloads (key, ingestion, etag, last_modified) VALUES (?, ?, ?, ?)",
            (key, *download),
        )
