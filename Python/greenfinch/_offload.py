"""Work that computes, on threads of the operating system beside the worker's own."""

import os
import threading
from concurrent.futures import ThreadPoolExecutor

_lock = threading.Lock()
_pool = None


def offload(function, /, *args, **kwargs):
    """Calls the function on a thread of the operating system, and waits for what it returns or raises.

    For what computes with Python's lock released, as numpy, hashlib and zlib do for large data: other requests go on
    meanwhile. What waits needs none of this: in a fiber it lets the others run by itself.
    """
    global _pool
    with _lock:
        if _pool is None:
            _pool = ThreadPoolExecutor(max_workers=(os.cpu_count() or 1) + 1, thread_name_prefix="offload")
    return _pool.submit(function, *args, **kwargs).result()


def _forget():
    # A forked child has none of the threads.
    global _pool, _lock
    _lock = threading.Lock()
    _pool = None


os.register_at_fork(after_in_child=_forget)
