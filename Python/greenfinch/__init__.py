"""greenfinch: Python applications in green workers.

Started by the command ``greenfinch module:app -w 2 -k green``. In a worker this module knows its fibers; a program that is
started otherwise can import it all the same, and gets a sentence where it asks for one.
"""

from . import _exports
from ._deadline import RequestTimeout
from ._dump import dump
from ._greenfinch import (
    ClientDisconnected,
    FileWrapper,
    available,
    in_fiber,
    in_worker,
    stats,
    worker_class,
    yield_,
)
from ._offload import offload
from ._version import __version__

__all__ = [
    "ClientDisconnected",
    "FileWrapper",
    "RequestTimeout",
    "__version__",
    "available",
    "dump",
    "in_fiber",
    "in_worker",
    "offload",
    "stats",
    "worker_class",
    "yield_",
    *_exports.NAMES,
]


def __getattr__(name):
    value = _exports.find(__name__, name)
    globals()[name] = value
    return value
