"""Every example of the documents is run, and prints what is shown."""

from pathlib import Path

import pytest

from tests.docs import pages, shell
from tests.docs.pages import Example, agrees, examples
from tests.docs.shell import Served


@pytest.mark.parametrize("page", pages.with_examples(), ids=pages.name)
def test_examples_print_what_is_shown(page: Path, served: Served, tmp_path: Path) -> None:
    faults = shell.faults(pages.examples(page.read_text(encoding="utf-8")), served, tmp_path)

    assert not faults, "\n\n".join(faults)


def test_the_readme_has_examples() -> None:
    assert pages.ROOT / "README.md" in pages.with_examples()


def test_a_planted_wrong_output_is_caught(served: Served, tmp_path: Path) -> None:
    planted = [
        Example(1, "recension --version", ["recension, version …"]),
        Example(2, "echo 12", ["18"]),
        Example(3, "false", []),
        Example(4, "false", []),
        Example(5, "echo $?", ["1"]),
        Example(6, "curl -s http://127.0.0.1:8000/healthz", ['{"status":"alive"}']),
        Example(7, "echo unasked", []),
    ]

    faults = shell.faults(planted, served, tmp_path)

    assert [fault.partition(":")[0] for fault in faults] == ["line 2", "line 3", "line 7"]


@pytest.mark.parametrize(
    ("shown", "printed", "is_right"),
    [
        (["a"], "a\n", True),
        (["a"], "a\nb\n", False),
        (["a", "…"], "a\nb\nc\n", True),
        (["…", "c"], "a\nb\nc\n", True),
        (["a…c"], "abbc\n", True),
        (["a…c"], "ab\nc\n", False),
        (["a…c"], "abd\n", False),
        (["a.c"], "abc\n", False),
        ([], "", True),
        ([], "a\n", False),
    ],
)
def test_dots_stand_for_what_is_left_out(shown: list[str], printed: str, is_right: bool) -> None:
    assert agrees(shown, printed) is is_right


def test_a_block_is_read_as_commands_continuations_and_output() -> None:
    text = "# T\n\n```console\n$ a\n> b\nc\n> d\n$ e\n```\n\n```sh\n$ not run\n```\n"

    assert examples(text) == [Example(4, "a\nb", ["c", "> d"]), Example(8, "e", [])]
