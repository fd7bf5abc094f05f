"""`verify-citation`."""

import re
import sys
from hashlib import sha256
from urllib.parse import urlsplit

import click
import requests

from service.cli.outcome import REFUSED, print_json
from service.errors import Unavailable

TIMEOUT = 30
CHUNK = 65_536


def _digest(_: click.Context, __: click.Parameter, text: str) -> str:
    if not re.fullmatch("[0-9a-fA-F]{64}", text):
        raise click.BadParameter("must be a sha256: 64 hex digits")
    return text.lower()


def _address(_: click.Context, __: click.Parameter, text: str) -> str:
    if urlsplit(text).scheme not in ("http", "https"):
        raise click.BadParameter("must be an address that begins with http:// or https://")
    return text


@click.command(name="verify-citation")
@click.argument("url", callback=_address)
@click.argument("cited", metavar="SHA256", callback=_digest)
@click.option("--json", "as_json", is_flag=True, help="Print as JSON.")
def verify_citation(url: str, cited: str, as_json: bool) -> None:
    """Fetch URL and say whether it still answers the bytes whose SHA256 a citation gives."""
    answered = _fetched(url)
    if as_json:
        print_json({"url": url, "cited": cited, "answered": answered})
    elif answered == cited:
        click.echo("as cited")
    else:
        click.echo(f"not as cited: the sha256 of the answer is {answered}, the cited is {cited}")
    if answered != cited:
        sys.exit(REFUSED)


def _fetched(url: str) -> str:
    """Return the sha256 of what an address answers."""
    found = sha256()
    try:
        with requests.get(url, timeout=TIMEOUT, stream=True) as response:
            response.raise_for_status()
            for chunk in response.iter_content(CHUNK):
                found.update(chunk)
    except requests.RequestException as error:
        raise Unavailable(f"cannot read {url}: {error}") from error
    return found.hexdigest()
