"""The documents, their fenced examples, and their generated parts."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parent.parent.parent
DOCS = ROOT / "docs"

_FENCE = re.compile(r"^```(\S*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_GENERATED = "<!-- generated: {} -->\n"
_END = "<!-- end of generated -->\n"


class Example(NamedTuple):
    """A command of a document, the line it stands in, and what it is shown to print."""

    line: int
    command: str
    shown: list[str]


def pages() -> list[Path]:
    """Return the README and every page of `docs/`."""
    return [ROOT / "README.md", *sorted(DOCS.rglob("*.md"))]


def with_examples() -> list[Path]:
    """Return the pages that have examples."""
    return [page for page in pages() if examples(page.read_text(encoding="utf-8"))]


def name(page: Path) -> str:
    """Return the name of a page, for a test id."""
    return page.relative_to(ROOT).as_posix()


def everything() -> str:
    """Return the text of all pages together."""
    return "\n".join(page.read_text(encoding="utf-8") for page in pages())


def examples(text: str) -> list[Example]:
    """Return the examples of every `console` block: `$ ` begins one and `> ` continues it."""
    found: list[Example] = []
    for fence in _FENCE.finditer(text):
        if fence[1] == "console":
            begins = text.count("\n", 0, fence.start(2)) + 1
            found += _examples(fence[2].splitlines(), begins)
    return found


def _examples(lines: list[str], begins: int) -> Iterator[Example]:
    example: Example | None = None
    for number, text in enumerate(lines, begins):
        if text.startswith("$ "):
            if example:
                yield example
            example = Example(number, text[2:], [])
        elif example is None:
            raise ValueError(f"line {number}: a console block begins with `$ `")
        elif text.startswith("> ") and not example.shown:
            example = example._replace(command=f"{example.command}\n{text[2:]}")
        else:
            example.shown.append(text)
    if example:
        yield example


def agrees(shown: list[str], printed: str) -> bool:
    """Tell whether a command printed what is shown.

    `…` in a line stands for any characters of it, `…` alone for any lines.
    """
    parts = [r"(?:.*\n)*" if line.strip() == "…" else _pattern(line) for line in shown]
    lines = "".join(f"{line.rstrip()}\n" for line in printed.splitlines())
    return re.fullmatch("".join(parts), lines) is not None


def _pattern(line: str) -> str:
    return ".*".join(map(re.escape, line.rstrip().split("…"))) + r"\n"


def generated(page: Path) -> dict[str, str]:
    """Return the generated parts of a page, by name."""
    text = page.read_text(encoding="utf-8")
    pattern = _GENERATED.format("(.*?)") + "(.*?)" + re.escape(_END)
    return {found[1]: found[2] for found in re.finditer(pattern, text, re.DOTALL)}


def rewritten(page: Path, name: str, part: str) -> None:
    """Replace a generated part of a page."""
    text = page.read_text(encoding="utf-8")
    before, begins, rest = text.partition(_GENERATED.format(name))
    _, ends, after = rest.partition(_END)
    if not (begins and ends):
        raise ValueError(f"{page} has no place for the generated part {name!r}")
    page.write_text(before + begins + part + ends + after, encoding="utf-8")


def anchors(text: str) -> set[str]:
    """Return what links may point to in a page: its headings, as they are slugged."""
    text = _FENCE.sub("", text)
    return {_slug(found[1]) for found in re.finditer(r"^#+ (.+)$", text, re.MULTILINE)}


def links(text: str) -> list[str]:
    """Return the targets of the links of a page, code aside."""
    text = re.sub(r"`[^`\n]*`", "", _FENCE.sub("", text))
    return re.findall(r"\[[^\]]*\]\(([^)\s]+)\)", text)


def _slug(heading: str) -> str:
    kept = re.sub(r"[^\w\- ]", "", heading.lower())
    return kept.replace(" ", "-")
