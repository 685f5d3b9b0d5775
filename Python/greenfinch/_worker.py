"""What a worker runs: ``python -m greenfinch._worker``, started by the master with libgreenfinch in front."""

import atexit
import faulthandler
import os
import sys
import threading

from . import _config, _gevent, _greenfinch, _logging
from ._hooks import WorkerHooks
from ._kind import ASGI, BOTH, WSGI, kind
from ._load import NotLoaded, explain, load, load_paste
from ._log import ErrorStream
from ._requests import with_hooks
from ._root import set_root
from ._version import __version__


def _extend_path():
    # "-m" has put the working directory there already.
    paths = _greenfinch.setting("pythonpath")
    if paths:
        sys.path[0:0] = [os.path.abspath(path) for path in paths.split(",") if path]


def _server_address():
    """SERVER_NAME and SERVER_PORT where the server listens at one address; elsewhere each request tells."""
    bind = (_greenfinch.setting("bind") or "").split(",")
    if len(bind) != 1 or bind[0].startswith(("unix:", "fd:", "@")):
        return {}
    host, _, port = bind[0].rpartition(":")
    if not port.isdigit() or port == "0":
        return {}
    return {"SERVER_NAME": host.strip("[]"), "SERVER_PORT": port}


def base_environ(worker_class):
    """What is the same in the environ of all requests."""
    return {
        "wsgi.version": (1, 0),
        "wsgi.errors": ErrorStream(),
        "wsgi.multithread": worker_class != "sync",
        "wsgi.multiprocess": int(_greenfinch.setting("workers") or 1) > 1,
        "wsgi.run_once": False,
        "wsgi.file_wrapper": _greenfinch.FileWrapper,
        "wsgi.input_terminated": True,
        "SERVER_SOFTWARE": f"greenfinch/{__version__}",
        "SCRIPT_NAME": set_root(),
        **_server_address(),
    }


def _refuse(error):
    sentence, text = explain(error)
    if text:
        _greenfinch.log(40, "Exception in worker process: " + text)
    _greenfinch.fail(sentence)
    return 3


class Patched(NotLoaded):
    """Somebody else switches stacks under Python. Nothing of its end may run either."""


def _check_patches():
    """gevent and eventlet switch stacks of their own under Python: requests would be mixed up."""
    for name, test in (("gevent", "gevent.monkey"), ("eventlet", "eventlet.patcher")):
        module = sys.modules.get(test)
        patched = getattr(module, "saved" if name == "gevent" else "already_patched", None) if module else None
        if patched:
            raise Patched(f"{name} has patched this program: workers of class green need no patching, so leave it out")


def _names():
    """What the file of settings has defined, where that is a program."""
    place = _greenfinch.setting("config") or ""
    return _config.read(place) if place.endswith(".py") or place.startswith("python:") else {}


def _application():
    paste = _greenfinch.setting("paste")
    if paste:
        return load_paste(paste, (_greenfinch.setting("raw_paste_global_conf") or "").split(","))
    return load(_greenfinch.setting("wsgi_app"))


def _be_main_thread():
    """In a child that a request has forked: its thread is the main one there, which CPython before 3.12.1 does not make of one that
    `threading` has not started (gh-102512). Such a child could not end as it should, as those of multiprocessing."""
    thread = threading.main_thread()
    if isinstance(thread, threading._DummyThread) and getattr(thread, "_tstate_lock", True) is None:
        thread.__class__ = threading._MainThread
        thread._name = "MainThread"
        thread._daemonic = False
        thread._set_tstate_lock()


class Program:
    """What a worker runs: what the file of settings has defined, and the application."""

    def __init__(self):
        _extend_path()
        self.worker_class = _greenfinch.worker_class()
        self.names = _names()
        self.logs = _logging.configure(_greenfinch.setting, self.names, _greenfinch.log)
        self.application = None

    def load(self):
        """Imports the application."""
        if self.worker_class == "green":
            _gevent.install()
        self.application = _application()
        if self.worker_class == "green":
            _check_patches()


def _serve(program, hooks):
    application, worker_class, access = program.application, program.worker_class, program.logs.access
    # Threads that compute would otherwise keep requests waiting for 5 ms each time.
    if sys.getswitchinterval() == 0.005:
        sys.setswitchinterval(0.0005)
    found = kind(application)
    hooks.worker.app = hooks.worker.wsgi = application
    if found == BOTH:
        wsgi, asgi = with_hooks(application.wsgi, WSGI, hooks, access), with_hooks(application.asgi, ASGI, hooks, access)
    else:
        wsgi = asgi = with_hooks(application, found, hooks, access)
    hooks.post_worker_init()
    if found == WSGI:
        return lambda: _greenfinch.run_wsgi(wsgi, base_environ(worker_class))
    from . import _asgi

    def loop():
        _asgi.run(asgi)

    if found == ASGI:
        return lambda: _greenfinch.run_asgi(loop)
    mounts = [(mount.path.encode("utf-8"), mount.kind == ASGI) for mount in application.mounts]
    return lambda: _greenfinch.run_both(wsgi, base_environ("green"), loop, mounts)


def run(program=None):
    """Serves, and returns the exit status.

    ``program``: what was loaded before this process was forked.
    """
    try:
        program = program or Program()
        hooks = WorkerHooks(program.names, _greenfinch.setting, program.logs.error)
        hooks.post_fork()
        if program.application is None:
            program.load()
        serve = _serve(program, hooks)
    except BaseException as error:  # SystemExit and KeyboardInterrupt are as final
        status = _refuse(error)
        if isinstance(error, Patched):
            os._exit(status)
        return status
    if _greenfinch.setting("reload") == "yes":
        from . import _reload

        _reload.start()
    # After what threading does by itself.
    os.register_at_fork(after_in_child=_be_main_thread)
    status = serve()
    last = [hooks.worker_int, hooks.worker_exit] if _greenfinch.ended_at_once() else [hooks.worker_exit]
    for hook in last:
        try:
            hook()
        except BaseException as error:
            _greenfinch.log(40, "Exception in the hook %s: %s" % (hook.__name__, explain(error)[0]))
    return status


def end(status):
    """Ends the process without taking the interpreter apart: fibers that still wait would meet it half gone."""
    try:
        threading._shutdown()
        atexit._run_exitfuncs()
    except BaseException as error:
        _greenfinch.log(40, "Exception while the worker ended: " + explain(error)[0])
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except Exception:
            pass
    os._exit(status)


def main():
    if not _greenfinch.available or not _greenfinch.in_worker:
        sys.exit("greenfinch._worker is started by the command greenfinch, and by nobody else")
    # On a crash, and where the master ends a worker that hangs: what each request was at, in Python.
    if not faulthandler.is_enabled():
        faulthandler.enable()
    end(run())


if __name__ == "__main__":
    main()
