"""What a worker runs: ``python -m greenfinch._worker``, started by the master with libgreenfinch in front."""

import atexit
import faulthandler
import importlib
import importlib.util
import os
import sys
import threading

from . import _greenfinch
from ._load import explain, load
from ._log import ErrorStream
from ._version import __version__


def _optional(name):
    """A part of the package that may not be there."""
    if importlib.util.find_spec(f"greenfinch.{name}") is None:
        return None
    return importlib.import_module(f"greenfinch.{name}")


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
    root = (_greenfinch.setting("root_path") or os.environ.get("SCRIPT_NAME") or "").rstrip("/")
    return {
        "wsgi.version": (1, 0),
        "wsgi.errors": ErrorStream(),
        "wsgi.multithread": worker_class != "sync",
        "wsgi.multiprocess": int(_greenfinch.setting("workers") or 1) > 1,
        "wsgi.run_once": False,
        "wsgi.file_wrapper": _greenfinch.FileWrapper,
        "wsgi.input_terminated": True,
        "SERVER_SOFTWARE": f"greenfinch/{__version__}",
        "SCRIPT_NAME": root,
        **_server_address(),
    }


def _refuse(error):
    sentence, text = explain(error)
    if text:
        _greenfinch.log(40, "Exception in worker process: " + text)
    _greenfinch.fail(sentence)
    return 3


def _check_patches():
    """gevent and eventlet switch stacks of their own under Python: requests would be mixed up."""
    for name, test in (("gevent", "gevent.monkey"), ("eventlet", "eventlet.patcher")):
        module = sys.modules.get(test)
        patched = getattr(module, "saved" if name == "gevent" else "already_patched", None) if module else None
        if patched:
            raise SystemExit(f"{name} has patched this program: workers of class green need no patching, so leave it out")


def _serve(worker_class):
    gevent = _optional("_gevent") if worker_class == "green" else None
    if gevent:
        gevent.install()
    application = load(_greenfinch.setting("wsgi_app"))
    asgi = _optional("_asgi")
    if worker_class == "green" and not gevent:
        _check_patches()
    # Threads that compute would otherwise keep requests waiting for 5 ms each time.
    if sys.getswitchinterval() == 0.005:
        sys.setswitchinterval(0.0005)
    if asgi and asgi.is_asgi(application):
        return lambda: _greenfinch.run_asgi(lambda: asgi.run(application))
    hooks = _optional("_config")
    wrap = getattr(hooks, "wrap_application", None)
    if wrap:
        application = wrap(application)
    return lambda: _greenfinch.run_wsgi(application, base_environ(worker_class))


def run():
    """Serves, and returns the exit status."""
    worker_class = _greenfinch.worker_class()
    _extend_path()
    logging_settings = _optional("_logging")
    try:
        if logging_settings:
            logging_settings.configure(_greenfinch.setting)
        serve = _serve(worker_class)
    except BaseException as error:  # SystemExit and KeyboardInterrupt are as final
        return _refuse(error)
    return serve()


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
