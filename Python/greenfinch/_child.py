"""Children that a request has forked, where they come back to the worker's own code."""

import contextlib
import os
import sys


def end(error):
    """Ends this process, the child, as an interpreter ends by what its program has raised to exit: with its status, its
    message, and what it has printed. Nothing is called that was to be called at the end: that is the parent's."""
    # KeyboardInterrupt has no code.
    status = getattr(error, "code", 1)
    try:
        if status is None:
            status = 0
        elif not isinstance(status, int):
            message, status = status, 1
            if sys.stderr is not None:
                print(message, file=sys.stderr)
    finally:
        for stream in (sys.stdout, sys.stderr):
            with contextlib.suppress(Exception):
                stream.flush()
        os._exit(status & 0xFF if isinstance(status, int) else 1)
