"""Calls the hooks before and after each request, in WSGI and in ASGI, and nothing where there are none."""

from ._hooks import Answer, Request
from ._kind import ASGI


def with_hooks(application, kind, hooks, access=None):
    """The application with ``pre_request`` and ``post_request`` around it.

    ``access``, called as ``post_request`` is with the seconds that it took, writes the access log where Python is to.
    """
    if not (hooks.has("pre_request") or hooks.has("post_request") or access):
        return application
    around = _Around(hooks, access)
    return _asgi(application, around) if kind == ASGI else _wsgi(application, around)


class _Around:
    def __init__(self, hooks, access):
        import time

        self.hooks = hooks
        self.access = access
        self.clock = time.monotonic

    def begin(self, request):
        began = self.clock()
        self.hooks.pre_request(request)
        return began

    def end(self, request, environ, answer, began):
        self.hooks.post_request(request, environ, answer)
        if self.access:
            try:
                self.access(answer, request, environ, self.clock() - began)
            except Exception:
                self.hooks.log.exception("The access log failed")


class _Body:
    """A body whose end is the request's end. As long as the application's own, where that says so."""

    def __init__(self, body, answer, at_end):
        self._body = body
        self._parts = iter(body)
        self._answer = answer
        self._at_end = at_end

    def __iter__(self):
        return self

    def __next__(self):
        part = next(self._parts)
        self._answer.sent += len(part)
        return part

    def close(self):
        try:
            close = getattr(self._body, "close", None)
            if close is not None:
                close()
        finally:
            self._at_end()


class _SizedBody(_Body):
    def __len__(self):
        return len(self._body)


def _wsgi(application, around):
    def called(environ, start_response):
        request = Request.of_environ(environ)
        began = around.begin(request)
        answer = Answer()

        def noted(status, headers, *rest, **named):
            answer.status = status
            answer.headers = list(headers)
            write = start_response(status, headers, *rest, **named)

            def counted(data):
                answer.sent += len(data)
                return write(data)

            return counted

        def at_end():
            around.end(request, environ, answer, began)

        try:
            body = application(environ, noted)
        except BaseException:
            answer.status = answer.status or "500 Internal Server Error"
            at_end()
            raise
        return (_SizedBody if hasattr(body, "__len__") else _Body)(body, answer, at_end)

    return called


def _asgi(application, around):
    async def called(scope, receive, send):
        if scope["type"] != "http":
            return await application(scope, receive, send)
        request = Request.of_scope(scope)
        began = around.begin(request)
        answer = Answer()

        async def noted(message):
            if message["type"] == "http.response.start":
                answer.status = str(message["status"])
                answer.headers = [
                    (name.decode("latin-1"), value.decode("latin-1")) for name, value in message.get("headers", ())
                ]
            elif message["type"] == "http.response.body":
                answer.sent += len(message.get("body", b""))
            await send(message)

        try:
            await application(scope, receive, noted)
        except BaseException:
            answer.status = answer.status or "500"
            raise
        finally:
            around.end(request, scope, answer, began)

    return called
