"""The releases that come with the software."""

from pathlib import Path

import service
from service.loader import releases_in

PACKAGED = Path(service.__file__).parent / "_seeds"
"""Where an installed package has them; a checkout has `seeds/` beside `service/`."""


def bundled() -> list[str]:
    """Return the bundled release folders, each dataset's in order."""
    seeds = PACKAGED if PACKAGED.is_dir() else Path(service.__file__).parent.parent / "seeds"
    datasets = sorted(path for path in seeds.iterdir() if path.is_dir())
    return [release for dataset in datasets for release in releases_in(str(dataset))]
