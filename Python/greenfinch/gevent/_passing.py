"""Modules of gevent's that are the standard library's own here: their calls wait in fibers as they are."""

import importlib
import types

from .exceptions import NeedsHub

#: gevent's module, and the one that has its names.
STANDARD = {
    "socket": "socket",
    "_socket3": "socket",
    "ssl": "ssl",
    "select": "select",
    "selectors": "selectors",
    "subprocess": "subprocess",
    "time": "time",
    "thread": "_thread",
    "threading": "threading",
    "signal": "signal",
    "os": "os",
    "builtins": "builtins",
    "contextvars": "contextvars",
}

#: What is gevent's alone, with what does it here.
INSTEAD = {
    "pywsgi": "serve the application by: greenfinch module:app -k green",
    "server": "accept connections by the socket module, each in a spawn() of its own",
    "baseserver": "accept connections by the socket module, each in a spawn() of its own",
    "backdoor": "greenfinch ctl dump shows what each request does",
    "core": "spawn_later(), select and spawn() do what its watchers are for",
    "resolver": "names are asked for by the socket module",
    "ares": "names are asked for by the socket module",
    "libev": "spawn_later(), select and spawn() do what its watchers are for",
    "libuv": "spawn_later(), select and spawn() do what its watchers are for",
    "events": "the log and the metrics tell of calls that block",
    "util": "greenfinch ctl dump shows what each request does",
}


def make(name):
    """A module of gevent's by its name after ``gevent.``; ``None`` where there is none."""
    first = name.partition(".")[0]
    if name in STANDARD:
        return _standard(name)
    if first in INSTEAD:
        return _refusing(name, INSTEAD[first])
    return None


def _standard(name):
    module = types.ModuleType("gevent." + name)
    source = importlib.import_module(STANDARD[name])
    own = {key: value for key, value in vars(source).items() if not key.startswith("__")}
    module.__dict__.update(own)
    if name == "socket":
        module.__dict__.update(_socket_waits())
    return module


def _refusing(name, instead):
    module = types.ModuleType("gevent." + name)

    def __getattr__(attribute):
        if attribute.startswith("__"):
            raise AttributeError(attribute)

        class Missing:
            def __init__(self, *args, **kwargs):
                raise NeedsHub("gevent.%s.%s" % (name, attribute), instead)

        Missing.__name__ = Missing.__qualname__ = attribute
        return Missing

    module.__getattr__ = __getattr__
    module.__path__ = []
    return module


def _socket_waits():
    import select
    import socket

    def wait(fileno, events, timeout):
        poll = select.poll()
        poll.register(fileno, events)
        if not poll.poll(None if timeout is None else timeout * 1000):
            raise socket.timeout("timed out")

    def wait_read(fileno, timeout=None, timeout_exc=None):
        wait(fileno, select.POLLIN, timeout)

    def wait_write(fileno, timeout=None, timeout_exc=None, event=None):
        wait(fileno, select.POLLOUT, timeout)

    def wait_readwrite(fileno, timeout=None, timeout_exc=None, event=None):
        wait(fileno, select.POLLIN | select.POLLOUT, timeout)

    return {"wait_read": wait_read, "wait_write": wait_write, "wait_readwrite": wait_readwrite}
