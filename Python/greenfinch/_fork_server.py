"""What workers are forked from with ``--preload``: ``python -m greenfinch._fork_server``, started by the master with libgreenfinch in
front.

It imports the application and says so; then each message of the master's asks for a worker. It serves nothing itself, and ends when
the master does.
"""

import faulthandler
import gc
import os
import signal
import socket
import sys
import threading

from . import _greenfinch, _worker
from ._kind import WSGI, kind
from ._load import explain

#: Signals that a whole group of processes may get, and that ask something of the master alone.
OF_THE_MASTER = (signal.SIGINT, signal.SIGHUP, signal.SIGUSR1, signal.SIGUSR2, signal.SIGTTIN, signal.SIGTTOU)
MOST_DESCRIPTORS = 253


def _load(connection):
    """What the workers run. A failure is the master's to tell."""
    try:
        program = _worker.Program()
        program.load()
        _import_the_rest(program)
    except BaseException as error:  # SystemExit and KeyboardInterrupt are as final
        sentence, text = explain(error)
        if text:
            _greenfinch.log(40, "Exception while the application was loaded: " + text)
        connection.send(b"failed " + sentence.encode("utf-8", "replace")[:4000])
        # Nothing of somebody else's stacks may run at the end.
        os._exit(3)
    count = threading.active_count() - 1
    if count:
        _greenfinch.log(
            30,
            "%d %s while the application was imported, and in no worker: what starts threads or opens connections belongs in "
            "the hook post_worker_init." % (count, "thread was started" if count == 1 else "threads were started"),
        )
    return program


def _import_the_rest(program):
    """What each worker would import for itself otherwise."""
    from . import _raw_socket, _requests  # noqa: F401

    if kind(program.application) != WSGI:
        from . import _asgi  # noqa: F401


def _freeze():
    """What is there stays where it is: a collection in a worker would touch, and so copy, all of it."""
    gc.collect()
    gc.freeze()


def _fork(connection):
    """Forks a worker for each message. Returns in the workers, with the place and the descriptors; never in this process."""
    while True:
        message, descriptors, _, _ = socket.recv_fds(connection, 64, MOST_DESCRIPTORS)
        if not message:
            os._exit(0)
        try:
            number = _greenfinch.fork_worker()
        except OSError as error:
            number = -error.errno
        if number == 0:
            return int(message), descriptors
        for descriptor in descriptors:
            os.close(descriptor)
        connection.send(b"%d" % number)


def _worker_of(connection):
    handlers = {number: signal.signal(number, signal.SIG_IGN) for number in OF_THE_MASTER}
    connection.send(b"ready")
    slot, descriptors = _fork(connection)
    connection.close()
    for number, handler in handlers.items():
        signal.signal(number, handler)
    if not _greenfinch.become_worker(slot, descriptors):
        os._exit(0)


def main():
    """Returns in workers, when they have served."""
    descriptor = _greenfinch.fork_server() if _greenfinch.available else -1
    if descriptor < 0:
        sys.exit("greenfinch._fork_server is started by the command greenfinch, and by nobody else")
    if not faulthandler.is_enabled():
        faulthandler.enable()
    connection = socket.socket(fileno=descriptor)
    connection.setblocking(True)
    program = _load(connection)
    _freeze()
    _worker_of(connection)
    _worker.end(_worker.run(program))


if __name__ == "__main__":
    main()
