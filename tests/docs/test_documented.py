"""Nothing is left out of the documents, and what is made from the code does not lag behind it."""

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from service.app import create_app
from service.cli import main
from service.config import PREFIX, Config
from service.store import open_database
from tests.docs import pages, routes
from tests.docs.generated import PARTS
from tests.docs.pages import DOCS, ROOT

EXTERNAL = ("https://", "http://")
FIELDS = list(Config.__dataclass_fields__)
TEST_PATH = re.compile(r"`(tests/[\w/]+(?:\.py)?)`")
PUBLISHED = re.compile(r"\b[0-9a-f]{64}\b")


@pytest.mark.parametrize(("page", "name"), PARTS, ids=map(" ".join, PARTS))
def test_a_generated_part_says_what_the_code_says(page: str, name: str) -> None:
    assert pages.generated(DOCS / page).get(name) == PARTS[page, name](), "run `make docs`"


def test_a_generated_part_that_lags_is_caught(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("a\n<!-- generated: x -->\nold\n<!-- end of generated -->\nb\n")

    assert pages.generated(page) == {"x": "old\n"}

    pages.rewritten(page, "x", "new\n")

    assert pages.generated(page) == {"x": "new\n"}
    assert page.read_text() == "a\n<!-- generated: x -->\nnew\n<!-- end of generated -->\nb\n"


@pytest.mark.parametrize("command", sorted(main.commands))
def test_a_command_is_named(command: str) -> None:
    assert f"recension {command}" in pages.everything()


@pytest.mark.parametrize("command", sorted(main.commands))
def test_an_option_is_named(command: str) -> None:
    options = {word for p in main.commands[command].params for word in p.opts if word[:2] == "--"}

    assert not {option for option in options if f"`{option}" not in pages.everything()}


def test_every_route_is_in_the_page_of_the_api(tmp_path: Path) -> None:
    db = open_database(f"sqlite:///{tmp_path}/recension.db")
    rules = create_app(Config(), db).url_map.iter_rules()
    db.close()

    unnamed = _unnamed(map(str, rules), (DOCS / "api.md").read_text(encoding="utf-8"))

    assert not unnamed


def test_a_route_that_is_not_documented_is_caught() -> None:
    rules = ["/v1/<name:planted>", "/v1/datasets/<name:dataset>/revisions/<number:revision>/x"]

    assert _unnamed(rules, "`/v1/datasets/{dataset}/x`") == {"/v1/{planted}"}


def _unnamed(rules: "map[str] | list[str]", text: str) -> set[str]:
    """Return the paths of rules that a text does not name, pinned ones under their moving twin."""
    paths = {re.sub(r"<(?:[^<>]+:)?(\w+)>", r"{\1}", rule) for rule in rules}
    named = set(re.findall(r"`(?:[A-Z]+ )?(/[^` ]*)`", text))
    return {
        path
        for path in map(routes.of_any_kind, paths)
        if path not in named and routes.moving(path) not in named
    }


@pytest.mark.parametrize("field", FIELDS)
def test_a_setting_is_told_with_its_default(field: str) -> None:
    rows = (DOCS / "operating.md").read_text(encoding="utf-8").splitlines()
    (row,) = [row for row in rows if row.startswith(f"| `{PREFIX}{field.upper()}` ")]
    default = getattr(Config(), field)
    written = str(default).lower() if isinstance(default, bool) else default

    assert f"| `{written}` |" in row if default not in ("", ()) else "| none |" in row


@pytest.mark.parametrize("page", pages.pages(), ids=pages.name)
def test_links_lead_somewhere(page: Path) -> None:
    assert not [target for target in _links(page) if not _resolves(page, target)]


def test_a_dead_link_is_caught(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("# A b: `c`\n[x](#a-b-c) [x](#gone) [x](gone.md) [x](page.md#gone) [x](.)\n")

    dead = [target for target in _links(page) if not _resolves(page, target)]

    assert dead == ["#gone", "gone.md", "page.md#gone"]


def _links(page: Path) -> list[str]:
    targets = pages.links(page.read_text(encoding="utf-8"))
    return [target for target in targets if not target.startswith(EXTERNAL)]


def _resolves(page: Path, target: str) -> bool:
    path, _, anchor = target.partition("#")
    other = page.parent / path if path else page
    if not other.exists():
        return False
    return not anchor or anchor in pages.anchors(other.read_text(encoding="utf-8"))


@pytest.mark.parametrize("page", pages.pages(), ids=pages.name)
def test_a_test_that_is_named_exists(page: Path) -> None:
    named = TEST_PATH.findall(page.read_text(encoding="utf-8"))

    assert not [path for path in named if not (ROOT / path).exists()]


def test_a_module_that_is_named_exists() -> None:
    text = (DOCS / "architecture.md").read_text(encoding="utf-8")
    present = {path.name for top in ("service", "schemas", "tests") for path in _modules(top)}

    assert set(_named(text)) <= present


def test_each_part_of_the_service_is_in_the_tree() -> None:
    text = (DOCS / "architecture.md").read_text(encoding="utf-8")
    parts = {path.name for path in (ROOT / "service").iterdir() if path.name[:1] not in "_."}

    assert not {part for part in parts if not re.search(rf"\b{re.escape(part)}(/| )", text)}


def _modules(top: str) -> Iterator[Path]:
    return (ROOT / top).rglob("*.py")


def _named(text: str) -> list[str]:
    return re.findall(r"\b\w+\.py\b", text)


@pytest.mark.parametrize("page", pages.pages(), ids=pages.name)
def test_no_digest_is_printed_that_the_next_release_would_change(page: Path) -> None:
    digests = set(PUBLISHED.findall(page.read_text(encoding="utf-8")))

    assert digests <= {"0" * 64}


def test_every_page_is_reached_from_the_index() -> None:
    reached: set[Path] = set()
    waiting = [ROOT / "README.md"]
    while waiting:
        page = waiting.pop()
        reached.add(page)
        near = {(page.parent / target.partition("#")[0]).resolve() for target in _links(page)}
        waiting += [other for other in near if other.suffix == ".md" and other not in reached]

    assert set(pages.pages()) <= reached


@pytest.mark.parametrize("page", sorted((DOCS / "decisions").glob("*.md")), ids=pages.name)
def test_a_decision_is_one_short_page(page: Path) -> None:
    lines = page.read_text(encoding="utf-8").splitlines()
    chapters = [line for line in lines if line.startswith("## ")]

    assert len(lines) <= 40
    assert chapters == ["## Context", "## Decision", "## Consequence"]


def test_every_dependency_has_its_reason() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    named = [*project["project"]["dependencies"], *project["dependency-groups"]["test"]]
    told = (DOCS / "decisions" / "0009-dependencies.md").read_text(encoding="utf-8")

    packages = [re.match(r"[a-z0-9-]+", package)[0] for package in named]

    assert not [package for package in packages if not re.search(rf"\b{package}\b", told)]


def test_the_readme_is_read_in_one_go() -> None:
    assert len((ROOT / "README.md").read_text(encoding="utf-8").splitlines()) <= 150


@pytest.mark.parametrize("page", pages.pages(), ids=pages.name)
def test_lines_are_no_longer_than_a_screen(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    prose = [line for line in text.splitlines() if not line.startswith(("|", "$", ">", " ", "-"))]

    assert not [line for line in prose if len(line) > 150]
