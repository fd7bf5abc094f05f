"""The checks of the code itself, each with a control that shows it can fail."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
BIN = Path(sys.executable).parent
LONGEST_FILE = 400

CHECKS = {
    "format": [BIN / "ruff", "format", "--check", "."],
    "lint": [BIN / "ruff", "check", "."],
    "types": [BIN / "mypy"],
    "layers": [BIN / "lint-imports"],
}


def run(command: list[str | Path], **options: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # type: ignore[call-overload, no-any-return]
        command, cwd=ROOT, capture_output=True, text=True, check=False, **options
    )


@pytest.mark.parametrize("name", CHECKS)
def test_the_code_passes(name: str) -> None:
    done = run(CHECKS[name])

    assert done.returncode == 0, done.stdout + done.stderr


def test_the_type_checker_catches_a_planted_fault(tmp_path: Path) -> None:
    (tmp_path / "planted.py").write_text("def f(number: int) -> str:\n    return number\n")

    done = run([BIN / "mypy", "--strict", str(tmp_path / "planted.py")])

    assert "Incompatible return value type" in done.stdout


def test_the_linter_catches_a_planted_fault() -> None:
    done = run(
        [BIN / "ruff", "check", "--stdin-filename", "service/x.py", "-"], input="import os\n"
    )

    assert "F401" in done.stdout


def test_the_layers_catch_a_planted_fault(tmp_path: Path) -> None:
    config = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    lower = '    "service.loader | service.reading",\n'
    upper = '    "service.web",\n'
    upside_down = config.replace(upper + lower, lower + upper)
    assert upside_down != config
    (tmp_path / "pyproject.toml").write_text(upside_down, encoding="utf-8")

    done = run([BIN / "lint-imports", "--no-cache", "--config", str(tmp_path / "pyproject.toml")])

    assert done.returncode == 1
    assert "service.web is not allowed to import service.reading" in done.stdout


@pytest.mark.parametrize(
    "path", [*ROOT.glob("service/**/*.py"), *ROOT.glob("schemas/**/*.py")], ids=str
)
def test_a_file_can_be_read_in_one_sitting(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= LONGEST_FILE


@pytest.mark.parametrize("name", ["requirements.lock", "requirements-test.lock"])
def test_the_locks_carry_hashes_and_name_no_host(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    pins = [line for line in text.splitlines() if "==" in line]

    assert "://" not in text
    assert pins
    assert all(line.endswith("\\") for line in pins)
    assert text.count("--hash=sha256:") >= len(pins)
