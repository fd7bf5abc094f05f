"""`load`."""

import gc

import click

from service.cli import errata
from service.cli.outcome import config, print_json, store
from service.errors import RecensionError
from service.loader import Report, Request, open_release, releases_in
from service.loader import load as load_release
from service.loader.download import Policy, is_url
from service.loader.fetching import load_url
from service.loader.release import Options
from service.model import Mode
from service.store import Database, ingestions


@click.command()
@click.argument("releases", nargs=-1, required=True, metavar="RELEASE...")
@click.option("--dataset", metavar="D", help="The dataset; else the one that the release names.")
@click.option("--mode", type=click.Choice(["snapshot", "delta"]), help="Instead of the release's.")
@click.option("--issued", metavar="DATE", help="A date, or an instant like 2022-01-06T23:59:59Z.")
@click.option("--message", metavar="TEXT", help="What the release brings.")
@click.option("--dry-run", is_flag=True, help="Say what would be published, and publish nothing.")
@click.option("--approve", metavar="DIGEST", help="Publish what the shrink guard held back.")
@click.option("--json", "as_json", is_flag=True, help="Print the reports as JSON.")
def load(
    releases: tuple[str, ...],
    dataset: str | None,
    mode: Mode | None,
    issued: str | None,
    message: str | None,
    dry_run: bool,
    approve: str | None,
    as_json: bool,
) -> None:
    """Publish each RELEASE as the next revision, in order; stop at the first that is refused.

    A RELEASE is a folder, a file of YAML, JSON or NDJSON, an http(s) URL of one, `-` for standard
    input, or a folder of such folders, which are taken by name.
    """
    # What was imported by now lives to the end; to look through it again and again takes a tenth.
    gc.freeze()
    request = Request(dataset, dry_run, approve, processes=config().load_processes)
    names = [name for place in releases for name in releases_in(place)]
    if dry_run and len(names) > 1:
        raise click.UsageError("a dry run takes one release: each builds on those before it")
    with store() as db:
        for name in names:
            try:
                _print(_loaded(db, name, request, Options(mode, issued, message)), as_json)
            except RecensionError as error:
                run = ingestions.find(db, error.ingestion) if error.ingestion else None
                if as_json and run:
                    print_json(run.report)
                raise


def _loaded(db: Database, name: str, request: Request, options: Options) -> Report:
    if not is_url(name):
        return load_release(db, open_release(name, **options._asdict()), request)
    settings = config()
    policy = Policy(settings.max_download_bytes, settings.allow_private_addresses)
    return load_url(db, name, request, policy, options)


def _print(report: Report, as_json: bool) -> None:
    if as_json:
        changes = [{"kind": c.kind, "id": c.id, "change": c.change} for c in report.diff]
        print_json(report.as_json() | ({"diff": changes} if changes else {}))
        return
    click.echo(f"{report.release}: {report.message}")
    for notice in report.notices:
        click.echo(f"  notice: {notice}")
    for kind, words in report.changes.items():
        click.echo(f"  {kind}: " + ", ".join(f"{n} {word}" for word, n in words.items()))
    if report.digest:
        click.echo(f"  digest {report.digest}")
    for change in report.diff:
        for line in errata.lines(change):
            click.echo(line)
