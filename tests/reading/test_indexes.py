"""Every field that can be asked by has its index, and no index outlives its declaration."""

from schemas import KINDS
from service.store import Database, derived
from service.store.migrate import migrate, pending


def names(db: Database) -> set[str]:
    return {index.name for kind in KINDS for index in db.peewee.get_indexes(kind)}


def test_a_migrated_store_has_an_index_for_each_column_that_is_asked(db: Database) -> None:
    for kind in KINDS.values():
        columns = {of.split(", ")[1] for of in derived.indexes(kind.name).values()}
        asked = {column.name for column in kind.columns if column.filterable or column.sortable}

        assert columns == asked
        assert set(derived.indexes(kind.name)) <= names(db)
        assert max(map(len, derived.indexes(kind.name))) < 60


def test_what_is_declared_anew_is_indexed_and_what_is_not_is_dropped(db: Database) -> None:
    before = names(db)
    db.run("DROP INDEX figures_by_value")
    db.run("CREATE INDEX figures_by_printed ON figures (dataset, digest)")
    db.run("UPDATE derivations SET declared = '{}' WHERE kind = 'figures'")
    assert pending(db) == ["derived columns of figures"]

    migrate(db)

    assert names(db) == before
