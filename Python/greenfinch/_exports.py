"""Names of the package that are imported when they are first asked for, since most applications need none of them."""

import importlib

NAMES = {
    "AsyncResult": "gevent.event",
    "BoundedSemaphore": "gevent.lock",
    "Event": "gevent.event",
    "Greenlet": "gevent.greenlet",
    "GreenletExit": "gevent.exceptions",
    "Group": "gevent.pool",
    "Mounts": "_mounts",
    "Pool": "gevent.pool",
    "Queue": "gevent.queue",
    "RLock": "gevent.lock",
    "Semaphore": "gevent.lock",
    "ThreadPoolExecutor": "_executor",
    "Timeout": "gevent.timeout",
    "getcurrent": "gevent",
    "iwait": "gevent._linkable",
    "joinall": "gevent.greenlet",
    "killall": "gevent.greenlet",
    "local": "gevent.local",
    "sleep": "gevent",
    "spawn": "gevent",
    "spawn_later": "gevent",
    "wait": "gevent._linkable",
    "with_timeout": "gevent.timeout",
}


def find(package, name):
    """What a package's ``__getattr__`` returns for a name."""
    if name not in NAMES:
        raise AttributeError("module %r has no attribute %r" % (package, name))
    return getattr(importlib.import_module("%s.%s" % (package, NAMES[name])), name)
