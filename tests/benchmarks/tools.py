"""Programs of others that something is measured against."""

import shutil

PACKAGES = {"git": "git", "sqldiff": "sqlite3-tools", "sqlite3": "sqlite3", "wrk": "wrk"}
"""Program to the package of Debian that has it."""


def require(*names: str) -> None:
    """Raise `RuntimeError` where a program is missing, and say where it is."""
    if missing := [name for name in names if not shutil.which(name)]:
        packages = " ".join(PACKAGES[name] for name in missing)
        raise RuntimeError(f"{', '.join(missing)} missing (Debian: apt-get install {packages})")
