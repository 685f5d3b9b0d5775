"""greenfinch: Python applications in green workers.

Started by the command ``greenfinch module:app -w 2 -k green``. In a worker this module knows its fibers; a program that is
started otherwise can import it all the same, and gets a sentence where it asks for one.
"""

from . import _build

_build.check()

# Nothing of the rest can be imported where that has refused.
from . import _exports  # noqa: E402
from ._deadline import RequestTimeout  # noqa: E402
from ._dump import dump  # noqa: E402
from ._greenfinch import (  # noqa: E402
    ClientDisconnected,
    FileWrapper,
    available,
    in_fiber,
    in_worker,
    stats,
    worker_class,
    yield_,
)
from ._offload import offload  # noqa: E402
from ._version import __version__  # noqa: E402

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
