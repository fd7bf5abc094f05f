"""The table of commands in `docs/operating.md`, made from the command line itself."""

import click

from service.cli import main


def table() -> str:
    """Return a row for each command."""
    rows = [_row(name, command) for name, command in main.commands.items()]
    return "\n| command | what it does | options |\n|---|---|---|\n" + "".join(rows) + "\n"


def _row(name: str, command: click.Command) -> str:
    context = click.Context(command, info_name=name)
    words = [word for p in command.params for word in _argument(p, context)]
    options = [f"`{p.opts[-1]}`" for p in command.params if isinstance(p, click.Option)]
    said = (command.help or "").partition("\n\n")[0].replace("\n", " ")
    return f"| `{' '.join(['recension', name, *words])}` | {said} | {', '.join(options)} |\n"


def _argument(parameter: click.Parameter, context: click.Context) -> list[str]:
    if not isinstance(parameter, click.Argument):
        return []
    return [parameter.make_metavar(context)]
