"""Datasets, revisions, versions of records as intervals, the tree of sums, and ingestions.

Beside them, what a retry is answered from: `answered` for releases over HTTP, by the hash of their
key, and `downloads` for the validators of releases from a URL.
"""

from typing import Any

import peewee

OPEN = 2_147_483_647


class CodePointField(peewee.Field):
    """Text that sorts by code point on both engines."""

    field_type = "CODEPOINTS"


class WordsField(peewee.Field):
    """The words of a version for the search index."""

    field_type = "WORDS"


def _interval() -> dict[str, Any]:
    return {"since": peewee.IntegerField(), "until": peewee.IntegerField()}


def _model(table: str, primary_key: peewee.CompositeKey | bool, /, **members: Any) -> Any:
    meta = type("Meta", (), {"table_name": table, "primary_key": primary_key})
    return type(table.capitalize(), (peewee.Model,), {"Meta": meta, **members})


def _versions(table: str) -> Any:
    """One row for each version of each record of a kind.

    `fields` is what differs from the version before it, where one ended as this one began: what a
    diff tells of each field, as `service.diff.compared` writes it. It is null where that is not
    kept, as of what was redacted, and then told by comparing the bodies.
    """
    return _model(
        table,
        peewee.CompositeKey("dataset", "id", "since"),
        dataset=peewee.IntegerField(),
        id=CodePointField(),
        **_interval(),
        digest=peewee.BlobField(),
        body=peewee.TextField(),
        fields=peewee.TextField(null=True),
        reason=peewee.TextField(null=True),
        why=peewee.TextField(null=True),
        end_reason=peewee.TextField(null=True),
        end_why=peewee.TextField(null=True),
    )


VERSIONS = ("documents", "actors", "events", "figures", "sources")

TABLES = (
    _model(
        "datasets",
        False,
        id=peewee.AutoField(),
        name=CodePointField(unique=True),
        head=peewee.IntegerField(),
        redactions=peewee.IntegerField(),
    ),
    _model(
        "revisions",
        peewee.CompositeKey("dataset", "number"),
        dataset=peewee.IntegerField(),
        number=peewee.IntegerField(),
        digest=peewee.TextField(),
        chain=peewee.TextField(),
        issued=CodePointField(),
        published_at=CodePointField(),
        message=peewee.TextField(null=True),
        records=peewee.TextField(),
        changes=peewee.TextField(),
    ),
    _model(
        "ingestions",
        peewee.CompositeKey("id"),
        id=CodePointField(),
        dataset=CodePointField(),
        outcome=peewee.TextField(),
        started_at=CodePointField(),
        finished_at=CodePointField(),
        release=CodePointField(),
        revision=peewee.IntegerField(null=True),
        report=peewee.TextField(),
    ),
    _model(
        "nodes",
        peewee.CompositeKey("dataset", "path", "since"),
        dataset=peewee.IntegerField(),
        path=CodePointField(),
        **_interval(),
        ids=peewee.IntegerField(),
        text=peewee.TextField(),
    ),
    _model(
        "links",
        False,
        dataset=peewee.IntegerField(),
        kind=CodePointField(),
        record=CodePointField(),
        field=CodePointField(),
        target_kind=CodePointField(),
        target=CodePointField(),
        **_interval(),
    ),
    _model(
        "terms",
        False,
        dataset=peewee.IntegerField(),
        kind=CodePointField(),
        record=CodePointField(),
        field=CodePointField(),
        value=CodePointField(),
        **_interval(),
    ),
    _model(
        "texts",
        False,
        id=peewee.AutoField(),
        dataset=peewee.IntegerField(),
        kind=CodePointField(),
        record=CodePointField(),
        **_interval(),
        words=WordsField(),
    ),
    _model(
        "redactions",
        peewee.CompositeKey("dataset", "kind", "id", "revision"),
        dataset=peewee.IntegerField(),
        kind=CodePointField(),
        id=CodePointField(),
        revision=peewee.IntegerField(),
        lifted=peewee.BooleanField(),
    ),
    _model(
        "derivations",
        peewee.CompositeKey("kind"),
        kind=CodePointField(),
        declared=peewee.TextField(),
    ),
    _model(
        "standings",
        peewee.CompositeKey("dataset", "about", "id", "since"),
        dataset=peewee.IntegerField(),
        about=CodePointField(),
        id=CodePointField(),
        **_interval(),
        measure=CodePointField(null=True),
        counted_group=CodePointField(null=True),
        subject=CodePointField(null=True),
        of_id=CodePointField(null=True),
        place=CodePointField(null=True),
        status=CodePointField(),
        step=peewee.TextField(),
        difference=peewee.DoubleField(),
        breadth=peewee.IntegerField(),
        size=peewee.IntegerField(),
        contested=peewee.IntegerField(null=True),
    ),
    _model(
        "judged",
        peewee.CompositeKey("dataset"),
        dataset=peewee.IntegerField(),
        rule=peewee.TextField(),
        revision=peewee.IntegerField(),
        target=peewee.IntegerField(null=True),
    ),
    _model(
        "unjudged",
        peewee.CompositeKey("dataset", "about", "id"),
        dataset=peewee.IntegerField(),
        about=CodePointField(),
        id=CodePointField(),
    ),
    _model(
        "answered",
        peewee.CompositeKey("key"),
        key=CodePointField(),
        dataset=CodePointField(),
        request=peewee.TextField(),
        ingestion=CodePointField(),
        began_at=CodePointField(),
        status=peewee.IntegerField(null=True),
        location=peewee.TextField(null=True),
        media_type=peewee.TextField(null=True),
        body=peewee.TextField(null=True),
    ),
    _model(
        "downloads",
        peewee.CompositeKey("key"),
        key=CodePointField(),
        ingestion=CodePointField(),
        etag=peewee.TextField(null=True),
        last_modified=peewee.TextField(null=True),
    ),
    *map(_versions, VERSIONS),
)

# Partial indexes say the number itself: with a bound parameter SQLite could not use them.
INDEXES = (
    "CREATE INDEX revisions_issued ON revisions (dataset, issued, number)",
    "CREATE INDEX ingestions_revision ON ingestions (dataset, revision)",
    "CREATE INDEX ingestions_release ON ingestions (dataset, release)",
    "CREATE INDEX ingestions_started ON ingestions (dataset, started_at, id)",
    "CREATE INDEX answered_began ON answered (began_at)",
    "CREATE INDEX links_record ON links (dataset, kind, record)",
    "CREATE INDEX links_target ON links (dataset, target_kind, target)",
    "CREATE INDEX terms_record ON terms (dataset, kind, record)",
    "CREATE INDEX texts_record ON texts (dataset, kind, record)",
    "CREATE INDEX terms_value ON terms (dataset, kind, field, value, record)",
    *(
        f"CREATE INDEX standings_{column} ON standings (dataset, about, {column}, id)"
        for column in ("measure", "counted_group", "of_id", "place", "status")
    ),
    "CREATE INDEX standings_rank ON standings (dataset, about, difference, breadth, size, id)"
    " WHERE status = 'contested'",
    *(
        statement
        for table in VERSIONS
        for statement in (
            f"CREATE UNIQUE INDEX {table}_open ON {table} (dataset, id) WHERE until = {OPEN}",
            f"CREATE INDEX {table}_since ON {table} (dataset, since, id)",
            f"CREATE INDEX {table}_until ON {table} (dataset, until, id) WHERE until < {OPEN}",
        )
    ),
)

# The index of SQLite holds words and where they are; triggers keep it as the rows of `texts` are.
SEARCH = {
    "sqlite": (
        "CREATE VIRTUAL TABLE texts_index USING fts5"
        " (words, content = 'texts', content_rowid = 'id', detail = none, tokenize = 'ascii')",
        "CREATE TRIGGER texts_added AFTER INSERT ON texts BEGIN"
        " INSERT INTO texts_index (rowid, words) VALUES (new.id, new.words); END",
        "CREATE TRIGGER texts_removed AFTER DELETE ON texts BEGIN"
        " INSERT INTO texts_index (texts_index, rowid, words)"
        " VALUES ('delete', old.id, old.words); END",
    ),
    "postgresql": ("CREATE INDEX texts_words ON texts USING gin (words)",),
}


def up(migrator: Any, db: Any) -> None:
    """Make the tables and their indexes."""
    with db.bind_ctx(TABLES):
        db.create_tables(TABLES, safe=False)
    engine = "sqlite" if isinstance(db, peewee.SqliteDatabase) else "postgresql"
    for statement in (*INDEXES, *SEARCH[engine]):
        db.execute_sql(statement)
