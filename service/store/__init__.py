"""Where revisions are kept: SQLite and PostgreSQL behind one set of functions.

Each module is one thing that is stored and takes the `Database` first. A record's versions stand
once, as canonical bodies with the half-open interval of revisions in which they hold; so every
revision is read by the same query with another number, and a diff is a range of interval ends.
"""

from service.store.database import Database, open_database

__all__ = ["Database", "open_database"]
