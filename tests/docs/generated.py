"""Which parts of the documents are made from the code; `make docs` writes them anew."""

from collections.abc import Callable

from tests.docs import chart, commands, data_model, dataset, routes
from tests.docs.pages import DOCS, rewritten

PARTS: dict[tuple[str, str], Callable[[], str]] = {
    ("data-model.md", "tables of the schemas"): data_model.tables,
    ("data-model.md", "columns"): data_model.columns,
    ("api.md", "operations"): routes.tables,
    ("api.md", "problems"): routes.problems,
    ("operating.md", "commands"): commands.table,
    ("dataset.md", "revisions"): dataset.revisions,
    ("dataset.md", "reports"): dataset.reports,
}


def main() -> None:
    """Write every generated part into its page."""
    for (page, name), make in PARTS.items():
        rewritten(DOCS / page, name, make())
    chart.main()


if __name__ == "__main__":
    main()
