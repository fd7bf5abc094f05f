"""`token`."""

import click

from schemas.release import DatasetName
from service import tokens
from service.cli.outcome import print_json


@click.command()
@click.argument("dataset", metavar="DATASET")
@click.option("--create", is_flag=True, help="It may also publish the first revision.")
@click.option("--json", "as_json", is_flag=True, help="Print both as JSON.")
def token(dataset: str, create: bool, as_json: bool) -> None:
    """Make a token for publishing to DATASET over HTTP, or to all datasets if that is `*`.

    It is shown once and stored nowhere. The service is given the line below it, which holds only
    its sha256.
    """
    if dataset != tokens.ANY and (fault := DatasetName().fault(dataset)):
        raise click.BadParameter(fault, param_hint="DATASET")
    secret, grant = tokens.made(dataset, may_create=create)
    if as_json:
        print_json({"token": secret, "line": str(grant)})
        return
    click.echo(f"token: {secret}")
    click.echo(f"add to RECENSION_TOKENS: {grant}")
    click.echo("Keep the token now: it is not shown again.", err=True)
