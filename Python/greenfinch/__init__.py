"""greenfinch: Python applications in green workers.

Started by the command ``greenfinch module:app -w 2 -k green``. In a worker this module knows its fibers; a program that is
started otherwise can import it all the same, and gets a sentence where it asks for one.
"""

from ._version import __version__
from ._greenfinch import (
    Fiber,
    FileWrapper,
    available,
    dump,
    in_fiber,
    in_worker,
    spawn,
    stats,
    worker_class,
    yield_,
)
from ._offload import offload

__all__ = [
    "Fiber",
    "FileWrapper",
    "__version__",
    "available",
    "dump",
    "in_fiber",
    "in_worker",
    "offload",
    "spawn",
    "stats",
    "worker_class",
    "yield_",
]
