"""The picture in `docs/contested-facts.md`, drawn from the specification that stands below it."""

import json
import re
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import urlsplit

import vl_convert

from service.app import create_app
from service.config import Config
from service.loader import Request, load, open_release, releases_in
from service.store import open_database
from service.store.migrate import migrate
from tests.contested.dataset import SEEDS
from tests.docs.pages import DOCS

PICTURE = DOCS / "officers-killed.svg"
PAGE = DOCS / "contested-facts.md"


def specifications() -> list[dict[str, Any]]:
    """Return the charts of the page: the short one, and the one of the picture."""
    blocks = re.findall(r"```json\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    return [json.loads(block) for block in blocks]


def address(specification: dict[str, Any]) -> str:
    """Return the path and query of the table that a chart reads."""
    parts = urlsplit(specification["data"]["url"])
    return f"{parts.path}?{parts.query}"


def drawn(specification: dict[str, Any], table: str) -> str:
    """Return a chart of a table as SVG."""
    data = {"values": table, "format": {"type": "csv"}}
    svg: str = vl_convert.vegalite_to_svg({**specification, "data": data})
    return svg


def marks(svg: str) -> list[str]:
    """Return what the picture says of each of its marks."""
    return re.findall(r'aria-label="([^"]*)" role="graphics-symbol"', svg)


def main() -> None:
    """Write the picture anew."""
    with TemporaryDirectory(prefix="recension-") as folder:
        db = open_database(f"sqlite:///{Path(folder) / 'recension.db'}")
        migrate(db)
        for release in releases_in(str(SEEDS)):
            load(db, open_release(release), Request(SEEDS.name))
        chart = specifications()[-1]
        table = create_app(Config(), db).test_client().get(address(chart)).get_data(as_text=True)
        db.close()
    PICTURE.write_text(drawn(chart, table) + "\n", encoding="utf-8")
