"""The command line, imported once and forked for each command: most of a short one is importing.

Run with a socket's path as the only argument to serve; with `call` and words, to ask for a command
with the caller's folder, environment and streams.
"""

import json
import os
import signal
import socket
import sys
import traceback
from pathlib import Path

SOCKET = "DOCS_SOCKET"
LONGEST = 1 << 16


def serve(path: str) -> None:
    """Answer calls until killed."""
    from service.cli import main  # noqa: F401 - what each fork has ready

    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(f"{path}.new")
        listening.listen(16)
        Path(f"{path}.new").rename(path)
        while True:
            connection, _ = listening.accept()
            if os.fork() == 0:
                answer(connection)
            connection.close()


def answer(connection: socket.socket) -> None:
    """Run one command as its caller would, tell its exit status, and end."""
    from service.cli import main

    message, streams, _, _ = socket.recv_fds(connection, LONGEST, 3)
    folder, environ, words = json.loads(message)
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environ)
    status = 1
    try:
        main(words, prog_name="recension")
    except SystemExit as end:
        status = int(end.code or 0)
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        connection.sendall(str(status).encode())
        os._exit(0)


def call(words: list[str]) -> int:
    """Ask for a command, and return its exit status once it has ended."""
    with socket.socket(socket.AF_UNIX) as connection:
        connection.connect(os.environ[SOCKET])
        message = json.dumps([os.getcwd(), dict(os.environ), words]).encode()
        socket.send_fds(connection, [message], [0, 1, 2])
        return int(connection.recv(16) or b"1")


if __name__ == "__main__":
    if sys.argv[1] == "call":
        sys.exit(call(sys.argv[2:]))
    serve(sys.argv[1])
