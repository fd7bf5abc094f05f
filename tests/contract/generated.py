"""A client that openapi-python-client makes of the served document, and knows nothing else."""

import importlib
import inspect
import json
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any

from openapi_python_client import generate
from openapi_python_client.config import Config, ConfigFile, MetaType

PACKAGE = "generated_client"
TEXTS = {
    "application/atom+xml": "text/xml",
    "application/link-format": "text/plain",
    "application/x-ndjson": "application/octet-stream",
}
"""Media types that the generator does not know, and those as which it reads them."""


def make(document: dict[str, Any], folder: Path) -> list[str]:
    """Write the client into a folder, and return what the generator warned of."""
    source = folder / "openapi.json"
    source.write_text(json.dumps(document))
    config = Config.from_sources(
        ConfigFile(content_type_overrides=TEXTS, post_hooks=[], literal_enums=True),
        MetaType.NONE,
        source,
        "utf-8",
        overwrite=True,
        output_path=folder / PACKAGE,
    )
    return [f"{each.header}: {each.detail}" for each in generate(config=config)]


@contextmanager
def imported(folder: Path) -> Iterator[ModuleType]:
    """Import the client, and forget it at the end."""
    sys.path.insert(0, str(folder))
    try:
        yield importlib.import_module(PACKAGE)
    finally:
        sys.path.remove(str(folder))
        for name in [name for name in sys.modules if name.partition(".")[0] == PACKAGE]:
            del sys.modules[name]


def method(tag: str, name: str) -> Any:
    """Return the function that calls an operation and returns the whole answer."""
    words = "_".join(tag.lower().split())
    module = importlib.import_module(f"{PACKAGE}.api.{words}.{snake(name)}")
    return module.sync_detailed


def snake(name: str) -> str:
    """Return a name as the client spells it."""
    return re.sub("(?<=[a-z])(?=[A-Z])", "_", name).lower()


def fitting(call: Any, given: dict[str, Any]) -> dict[str, Any]:
    """Return the arguments that a function cannot do without, of those given."""
    known = inspect.signature(call).parameters.values()
    needed = {each.name: each for each in known if each.default is inspect.Parameter.empty}
    return {name: given[name.removesuffix("_")] for name in needed if name != "client"}
