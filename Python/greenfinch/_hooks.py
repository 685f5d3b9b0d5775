"""gunicorn's hooks, and what they are given.

gunicorn calls them with its own arbiter, worker and request. Here these are other things, so that hooks get objects with what
hooks use of those: process numbers, settings, a logger, the request's line and fields.
"""

import logging
import os
import sys

from . import _names


class Config:
    """The settings in force, as attributes, with the values that the file has given them where these are in force."""

    def __init__(self, names, setting=None):
        self._names = names
        self._setting = setting or (lambda name: None)

    def __getattr__(self, name):
        if name not in _names.SETTINGS and name not in _names.HOOKS:
            raise AttributeError("there is no setting %r" % name)
        own = self._names.get(name)
        text = self._setting(name)
        return own if text is None or _is_same(own, text) else _typed(text)

    @property
    def address(self):
        """The addresses to listen at."""
        bind = self.bind
        return [bind] if isinstance(bind, str) else list(bind or [])

    @property
    def is_ssl(self):
        """Whether the server speaks TLS."""
        return bool(self.certfile or self.keyfile)


def _is_same(own, text):
    if isinstance(own, (list, tuple)):
        return ",".join(map(str, own)) == text
    if isinstance(own, bool):
        return text.lower() in (("yes", "true", "1", "on") if own else ("no", "false", "0", "off"))
    return own is not None and str(own) == text


def _typed(text):
    lowered = text.lower()
    if lowered in ("yes", "true", "on"):
        return True
    if lowered in ("no", "false", "off"):
        return False
    for suffix, factor in (("ms", 0.001), ("s", 1), ("", 1)):
        number = text[: len(text) - len(suffix)] if suffix and text.endswith(suffix) else text if not suffix else ""
        try:
            value = int(number) if factor == 1 else float(number) * factor
        except ValueError:
            continue
        return value
    return text


class Server:
    """What hooks get for gunicorn's arbiter."""

    def __init__(self, cfg, log, pid=None, num_workers=None):
        self.cfg = cfg
        self.log = log
        self.pid = os.getpid() if pid is None else pid
        self.num_workers = cfg.workers if num_workers is None else num_workers
        self.proc_name = cfg.proc_name
        #: Workers by process number, as far as this process knows them.
        self.WORKERS = {}

    @property
    def address(self):
        return self.cfg.address

    def __str__(self):
        return "<Server pid:%d>" % self.pid


class Worker:
    """What hooks get for gunicorn's worker."""

    def __init__(self, cfg, log, age=0, pid=None, ppid=None):
        self.cfg = cfg
        self.log = log
        self.age = age
        self.pid = pid
        self.ppid = os.getpid() if ppid is None else ppid
        self.alive = True
        self.booted = False
        #: Requests so far.
        self.nr = 0
        self.max_requests = cfg.max_requests or sys.maxsize
        self.timeout = cfg.timeout
        self.app = None
        self.wsgi = None

    def __str__(self):
        return "<Worker %s>" % self.pid


class Request:
    """What hooks get for gunicorn's request."""

    def __init__(self, method, uri, path, query, version, headers, scheme, remote_addr):
        self.method = method
        self.uri = uri
        self.path = path
        self.query = query
        self.version = version
        self.headers = headers
        self.scheme = scheme
        self.remote_addr = remote_addr
        self.fragment = ""

    @classmethod
    def of_environ(cls, environ):
        """Of a request in WSGI."""
        headers = [
            (name[len("HTTP_") :].replace("_", "-"), value)
            for name, value in environ.items()
            if name.startswith("HTTP_")
        ]
        headers += [
            (name.replace("_", "-"), environ[name]) for name in ("CONTENT_TYPE", "CONTENT_LENGTH") if environ.get(name)
        ]
        uri = environ.get("RAW_URI") or environ.get("REQUEST_URI") or environ.get("PATH_INFO", "")
        return cls(
            environ.get("REQUEST_METHOD", ""), uri, environ.get("PATH_INFO", ""), environ.get("QUERY_STRING", ""),
            _version(environ.get("SERVER_PROTOCOL", "")), headers, environ.get("wsgi.url_scheme", "http"),
            (environ.get("REMOTE_ADDR", ""), environ.get("REMOTE_PORT", "")),
        )

    @classmethod
    def of_scope(cls, scope):
        """Of a request in ASGI."""
        headers = [(name.decode("latin-1").upper(), value.decode("latin-1")) for name, value in scope["headers"]]
        path = scope.get("raw_path", b"").decode("latin-1")
        query = scope.get("query_string", b"").decode("latin-1")
        return cls(
            scope.get("method", "GET"), path + ("?" + query if query else ""), scope["path"], query,
            _version("HTTP/" + scope["http_version"]), headers, scope.get("scheme", "http"),
            tuple(scope.get("client") or ("", "")),
        )


def _version(text):
    major, _, minor = text.rpartition("/")[2].partition(".")
    return int(major or 1), int(minor or 0)


class Answer:
    """What ``post_request`` gets for gunicorn's response."""

    def __init__(self, status="", headers=()):
        self.status = status
        self.headers = list(headers)
        #: Bytes of the body.
        self.sent = 0

    @property
    def status_code(self):
        number = self.status.partition(" ")[0]
        return int(number) if number.isdigit() else None


class WorkerHooks:
    """The hooks that a worker calls; those that the file of settings does not have do nothing."""

    def __init__(self, names, setting=None, log=None, age=0):
        self._names = names
        self.log = log or logging.getLogger("gunicorn.error")
        cfg = Config(names, setting)
        self.server = Server(cfg, self.log, pid=os.getppid())
        self.worker = Worker(cfg, self.log, age=age, pid=os.getpid(), ppid=os.getppid())

    def has(self, name):
        """Whether the file has the hook."""
        return callable(self._names.get(name))

    def post_fork(self):
        """Once in each worker, before the application is loaded."""
        self._call("post_fork", self.server, self.worker)

    def post_worker_init(self):
        """Once in each worker, when the application is loaded."""
        self.worker.booted = True
        self._call("post_worker_init", self.worker)

    def worker_int(self):
        """When the worker was asked to end at once, by SIGINT or SIGQUIT, before :meth:`worker_exit`."""
        self._call("worker_int", self.worker)

    def worker_exit(self):
        """When the worker ends."""
        self.worker.alive = False
        self._call("worker_exit", self.server, self.worker)

    def pre_request(self, request):
        """Before each request. What it raises is answered with 500."""
        self.worker.nr += 1
        self._call("pre_request", self.worker, request)

    def post_request(self, request, environ, answer):
        """After each request. What it raises is logged."""
        hook = self._names.get("post_request")
        if not callable(hook):
            return
        try:
            arguments = (self.worker, request, environ, answer)
            hook(*arguments[: _count(hook)])
        except Exception:
            self.log.exception("Exception in post_request hook")

    def _call(self, name, *arguments):
        hook = self._names.get(name)
        if callable(hook):
            hook(*arguments)


def _count(hook):
    """How many of its four arguments a ``post_request`` takes: older files take two or three."""
    code = getattr(hook, "__code__", None)
    if code is None or code.co_flags & 0x04:
        return 4
    bound = 1 if hasattr(hook, "__self__") else 0
    return max(2, min(4, code.co_argcount - bound))
