"""Several applications in one, each at a path of its own, of either kind."""

import contextlib
import functools

from ._kind import ASGI, BOTH, as_asgi3, kind

#: In the scope of what is mounted: the path has the root before it once, and no proxy's besides.
SETTLED = "greenfinch.mounted"


class Mounts:
    """Applications by the paths that they are mounted at: ``Mounts({"/": site, "/live": live})``.

    The longest path counts, and is the ``SCRIPT_NAME`` or ``root_path`` of its application; what is under none is answered with
    404. Applications of WSGI and of ASGI may be mixed: a green worker calls each as its kind has it. With one kind it is an application
    of that kind for any server.

    Raises ``ValueError`` for a path that does not begin with a slash, ``TypeError`` for what is no application.
    """

    def __init__(self, applications):
        mounts = [_Mount(path, application) for path, application in dict(applications).items()]
        #: The longest first.
        self.mounts = sorted(mounts, key=lambda mount: -len(mount.path))
        if not mounts:
            raise ValueError("Mounts() has no application")

    @property
    def served_kind(self):
        """``"wsgi"``, ``"asgi"`` or ``"both"``."""
        kinds = {mount.kind for mount in self.mounts}
        return kinds.pop() if len(kinds) == 1 else BOTH

    def __call__(self, *arguments):
        return self.asgi(*arguments) if len(arguments) == 3 else self.wsgi(*arguments)

    def wsgi(self, environ, start_response):
        """The applications of WSGI, as one."""
        path = environ.get("PATH_INFO", "")
        mount = self._find(path.encode("latin-1").decode("utf-8", "surrogateescape"))
        if mount is None or mount.kind == ASGI:
            start_response("404 Not Found", [("Content-Type", "text/plain"), ("Content-Length", "10")])
            return [b"Not Found\n"]
        prefix = mount.path.encode("utf-8").decode("latin-1")
        environ["SCRIPT_NAME"] = environ.get("SCRIPT_NAME", "") + prefix
        environ["PATH_INFO"] = path[len(prefix) :]
        return mount.application(environ, start_response)

    async def asgi(self, scope, receive, send):
        """The applications of ASGI, as one."""
        if scope["type"] == "lifespan":
            return await self._live(receive, send)
        root = scope.get("root_path", "")
        path = _without(root, scope["path"])
        # A proxy in front may leave a root that is set in the path, where the server has put it too: once, whoever is mounted in
        # whom. One that the proxy has told of it has taken off: what begins with it still is another path.
        if SETTLED not in scope and root == _set_root():
            path = _without(root, path)
        mount = self._find(path)
        if mount is None or mount.kind != ASGI:
            return await _not_found(scope, receive, send)
        inner = {**scope, "root_path": root + mount.path, "path": root + path, SETTLED: True}
        if mount.lifespan is not None:
            inner["state"] = dict(mount.lifespan.state)
        await mount.application(inner, receive, send)

    def _find(self, path):
        for mount in self.mounts:
            if path == mount.path or path.startswith(mount.path + "/"):
                return mount
        return None

    async def _live(self, receive, send):
        """Each has a lifespan of its own, and those that have none are served all the same."""
        from ._lifespan import Lifespan, LifespanError

        await receive()
        async with contextlib.AsyncExitStack() as stack:
            for mount in self.mounts:
                if mount.kind != ASGI:
                    continue
                mount.lifespan = Lifespan(mount.application)
                try:
                    await mount.lifespan.startup()
                except LifespanError as error:
                    return await send({"type": "lifespan.startup.failed", "message": "at '%s': %s" % (mount.path or "/", error)})
                stack.push_async_callback(mount.lifespan.shutdown)
            await send({"type": "lifespan.startup.complete"})
            await receive()
        await send({"type": "lifespan.shutdown.complete"})


def _without(root, path):
    """A path without what it begins with, where it does."""
    return path[len(root) :] if root and (path == root or path.startswith(root + "/")) else path


@functools.lru_cache(maxsize=None)
def _set_root():
    """What the worker's settings say that it is mounted at; ``None`` under another server."""
    from . import _greenfinch
    from ._root import set_root

    return set_root() if _greenfinch.in_worker else None


class _Mount:
    def __init__(self, path, application):
        if not isinstance(path, str) or not (path == "" or path.startswith("/")):
            raise ValueError("%r is not a path such as '/live'" % (path,))
        if not callable(application):
            raise TypeError("%r, at '%s', is no application" % (application, path))
        self.path = path.rstrip("/")
        self.kind = kind(application)
        if self.kind == BOTH:
            raise TypeError("at '%s' there are Mounts of both kinds: name all applications in one" % path)
        self.application = as_asgi3(application) if self.kind == ASGI else application
        self.lifespan = None


async def _not_found(scope, receive, send):
    if scope["type"] == "websocket":
        await receive()
        return await send({"type": "websocket.close", "code": 1000})
    headers = [(b"content-type", b"text/plain"), (b"content-length", b"10")]
    await send({"type": "http.response.start", "status": 404, "headers": headers})
    await send({"type": "http.response.body", "body": b"Not Found\n"})
