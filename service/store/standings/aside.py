"""A process that judges for another: `python -m service.store.standings.aside`, over its two pipes.

It is told the store and the task, then takes batches, and answers each when it is stored. What
keeps it from that ends it: the other process meets the same, and tells.
"""

import gc
import os
import sys
from contextlib import suppress

from service.errors import RecensionError
from service.hand import receive, send
from service.store import open_database, revisions
from service.store.standings.making import Batch, Overtaken, Task, make


def main() -> None:
    """Answer until there is nobody to answer."""
    gc.freeze()
    asked, answers = sys.stdin.buffer, sys.stdout.buffer
    with suppress(EOFError, BrokenPipeError, RecensionError, Overtaken):
        url, name, *rest = receive(asked)
        db = open_database(url)
        task = Task(revisions.dataset(db, name), *rest)
        while True:
            make(db, task, Batch(*receive(asked)))
            send(answers, True)
    # At once: what was not stored is for nobody.
    os._exit(0)


if __name__ == "__main__":
    main()
