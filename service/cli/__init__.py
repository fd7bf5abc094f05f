"""The command line. Each command parses, asks one question, and prints.

Exit status: 0 done (also: nothing changed), 1 refused or failed, 2 usage, 3 stopped by a guard and
waiting for approval.
"""

import click

from service import __version__
from service.cli import (
    checking,
    citing,
    evidence,
    loading,
    reading,
    redacting,
    serving,
    tokens,
    upkeep,
)
from service.cli.outcome import Outcomes


@click.group(cls=Outcomes, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="recension")
def main() -> None:
    """Recension: datasets of contested facts, every re-ingestion an immutable revision.

    Settings are environment variables: RECENSION_DATABASE_URL, RECENSION_BIND, RECENSION_PORT,
    RECENSION_PUBLIC_URL, RECENSION_TRUSTED_HOSTS, RECENSION_WORKERS, RECENSION_THREADS,
    RECENSION_TOKENS, RECENSION_MAX_INGESTION_BYTES, RECENSION_MAX_DOWNLOAD_BYTES,
    RECENSION_ALLOW_PRIVATE_ADDRESSES, RECENSION_LOAD_PROCESSES.
    """


for command in (
    serving.run,
    serving.serve,
    loading.load,
    reading.revisions,
    reading.diff,
    reading.export,
    checking.verify,
    evidence.verify_evidence,
    citing.verify_citation,
    checking.doctor,
    redacting.redact,
    tokens.token,
    upkeep.backup,
    upkeep.migrate,
    upkeep.openapi,
):
    main.add_command(command)
