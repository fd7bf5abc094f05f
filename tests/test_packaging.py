"""What a built wheel carries."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A wheel built from the checkout."""
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", folder]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
    return next(folder.glob("*.whl"))


def test_the_wheel_carries_the_seeds_and_the_migrations(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()

    assert any(name.startswith("service/_seeds/kazakhstan-2022/2022-01-06/") for name in names)
    assert "service/store/migrations/0001_foundation.py" in names
    assert not any(name.startswith("tests/") for name in names)


def test_an_installed_package_seeds_itself(wheel: Path, tmp_path: Path) -> None:
    zipfile.ZipFile(wheel).extractall(tmp_path / "site")
    script = "from service.cli.bundled import bundled; print(*bundled(), sep='\\n')"

    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(tmp_path / "site")},
        check=True,
        capture_output=True,
        text=True,
    )

    releases = [Path(line) for line in done.stdout.splitlines()]
    assert [release.name for release in releases] == ["2022-01-06", "2022-01-07", "2022-01-15"]
    assert all(tmp_path in release.parents for release in releases)
